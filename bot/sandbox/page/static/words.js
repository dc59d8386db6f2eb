// What the page says, in the language of the page, and what a phone's own app says, in that phone's.

let words = {};
let language = "en";
const listeners = new Set();

export async function loadWords() {
  words = await (await fetch("/words.json")).json();
  const asked = new URLSearchParams(location.search).get("lang") ?? remembered();
  language = asked === "zh" || asked === "en" ? asked : navigator.language.startsWith("zh") ? "zh" : "en";
}

export const pageLanguage = () => language;
export const locale = (lang = language) => (lang === "zh" ? "zh-CN" : "en-GB");

export function setLanguage(lang) {
  language = lang;
  try { localStorage.setItem("suifang.lang", lang); } catch { /* Private windows may keep nothing. */ }
  const url = new URL(location.href);
  url.searchParams.set("lang", lang);
  history.replaceState(null, "", url);
  for (const listener of listeners) listener();
}

export const onLanguage = (listener) => listeners.add(listener);

export function say(key, values = {}, lang = language) {
  const text = words[lang]?.[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export const known = (key, lang = language) => words[lang]?.[key];

// A phone's app speaks the language of the phone; where the page has none for it, English.
export const phoneSay = (phone, key, values) => say(key, values, phone.device_language.startsWith("zh") ? "zh" : "en");
export const phoneLocale = (phone) => locale(phone.device_language.startsWith("zh") ? "zh" : "en");

function remembered() {
  try { return localStorage.getItem("suifang.lang"); } catch { return null; }
}
