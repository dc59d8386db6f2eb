// What one can do to a phone itself: block the bot, cut the network, change its language.

import { onPhone } from "./actions.js";
import { el } from "./dom.js";
import { say } from "./words.js";

const LANGUAGES = { "zh-hans": "简体中文", "zh-hant": "繁體中文", en: "English", de: "Deutsch" };

export function switches(id) {
  const blocked = check((on) => onPhone(id, "switch", { blocked: on }));
  const offline = check((on) => onPhone(id, "switch", { offline: on }));
  const language = el("select", { onchange: () => onPhone(id, "switch", { device_language: language.value }) }, Object.entries(LANGUAGES).map(([value, name]) => el("option", { value }, name)));
  const labels = { phone_blocked: el("span"), phone_offline: el("span"), phone_language: el("span") };
  const sheet = el(
    "div", { class: "switches", hidden: true, role: "group" },
    el("label", {}, labels.phone_blocked, blocked),
    el("label", {}, labels.phone_offline, offline),
    el("label", {}, labels.phone_language, language),
  );
  const button = el("button", { type: "button", class: "round", "aria-expanded": "false", onclick: () => show(sheet.hidden) }, "⋮");

  function show(open) {
    sheet.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (open) blocked.focus();
  }

  sheet.addEventListener("keydown", (event) => { if (event.key === "Escape") { show(false); button.focus(); } });
  document.addEventListener("pointerdown", (event) => { if (!sheet.hidden && !sheet.contains(event.target) && event.target !== button) show(false); });

  function update(phone) {
    blocked.checked = phone.blocked;
    offline.checked = phone.offline;
    if (document.activeElement !== language) language.value = phone.device_language;
    for (const [key, label] of Object.entries(labels)) label.textContent = say(key);
    button.setAttribute("aria-label", say("phone_switches", { name: phone.name }));
    button.title = say("phone_switches", { name: phone.name });
  }
  return { button, sheet, update };
}

function check(act) {
  const box = el("input", { type: "checkbox", role: "switch", onchange: () => act(box.checked) });
  return box;
}
