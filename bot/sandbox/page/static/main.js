// Ties the page together: state in, phones, clock, story and log out.

import { clockBar, pushClock } from "./clock.js";
import { arrange, gently } from "./dom.js";
import { shortcuts, showHelp } from "./keys.js";
import { logPanel } from "./log.js";
import { peopleRow } from "./people.js";
import { Phone } from "./phone.js";
import { smsCard } from "./sms.js";
import { storyCard } from "./story.js";
import { connect, get, watch } from "./store.js";
import { clockReceived } from "./time.js";
import { loadWords, locale, onLanguage, pageLanguage, say, setLanguage } from "./words.js";

const at = (id) => document.getElementById(id);
const phones = new Map();
let current = null;
let waitingFor = null;

await loadWords();
const clock = clockBar(at("clock"));
const log = logPanel(at("log"));
const story = storyCard(at("story"), show);
const sms = smsCard(at("sms"));
const people = peopleRow(at("people"), { show, showPanel });
const seen = new IntersectionObserver(looked, { threshold: [0.6] });
seen.observe(at("panel"));

translate();
onLanguage(() => { translate(); drawAll(); });
watch(changed);
connect((up) => { at("lost").hidden = up; });

for (const button of document.querySelectorAll("[data-lang]")) button.addEventListener("click", () => setLanguage(button.dataset.lang));
at("help").addEventListener("click", showHelp);
document.addEventListener("visibilitychange", () => { for (const phone of phones.values()) phone.scrolled(); });
shortcuts({
  n: () => pushClock("next"), h: () => pushClock("hour"), d: () => pushClock("day"), p: () => clock.toggle(),
  Escape: () => get("clock")?.walk && pushClock("stop"), "?": showHelp,
  phone: (place) => { const id = get("order")?.[place]; if (id) show({ id }, true); },
});

function changed(keys, whole) {
  if (keys.has("clock")) clockReceived();
  arrangePhones();
  const touched = new Set([...keys].filter((key) => /^(msg|phone):/.test(key)).map((key) => Number(key.split(":")[1])));
  for (const id of whole ? phones.keys() : touched) drawPhone(id, whole ? new Set() : keys);
  clock.update();
  story.update();
  sms.update();
  if (whole || [...keys].some((key) => /^(out|call|phone):/.test(key))) log.update();
  drawPeople();
  if (waitingFor && phones.has(waitingFor)) { const id = waitingFor; waitingFor = null; show({ id }, true); }
}

function arrangePhones() {
  const order = get("order") ?? [];
  for (const id of order) {
    if (phones.has(id)) continue;
    const phone = new Phone(id, { announce, meta: () => get("meta") });
    phone.onUnread = drawPeople;
    phones.set(id, phone);
    seen.observe(phone.node);
  }
  arrange(at("phones"), order.map((id) => phones.get(id).node));
}

function drawPhone(id, fresh) {
  const phone = get(`phone:${id}`);
  if (phone) phones.get(id)?.update(phone, fresh);
}

function drawAll() {
  for (const [id, phone] of phones) { phone.drawn.clear(); drawPhone(id, new Set()); }
  clock.update();
  story.update();
  sms.update();
  log.update();
  drawPeople();
}

function drawPeople() {
  const shown = (get("order") ?? []).map((id) => ({ phone: get(`phone:${id}`), unread: phones.get(id)?.unread ?? 0 })).filter(({ phone }) => phone);
  people.update(shown, current);
}

// Bring a phone into view; with `focus`, its field or START too.
function show(person, focus = true) {
  if (!person) return;
  const phone = phones.get(person.id);
  if (!phone) { waitingFor = person.id; return; }
  phone.node.scrollIntoView({ inline: "center", block: "nearest", behavior: gently() });
  phone.node.classList.add("glow");
  setTimeout(() => phone.node.classList.remove("glow"), 1400);
  if (focus) phone.composer.focus();
}

function showPanel() {
  at("panel").scrollIntoView({ inline: "start", block: "nearest", behavior: gently() });
}

function looked(entries) {
  for (const entry of entries) {
    const id = Number(entry.target.dataset.id);
    const phone = phones.get(id);
    if (phone) { phone.visible = entry.isIntersecting; phone.scrolled(); }
    if (entry.isIntersecting && matchMedia("(max-width: 760px)").matches) current = phone ? id : "panel";
  }
  drawPeople();
}

let saidTimer = 0;
let toSay = [];

// Many messages at once are read out as one, and the newest few only.
function announce(text) {
  toSay = [...toSay, text].slice(-3);
  clearTimeout(saidTimer);
  saidTimer = setTimeout(() => { at("said").textContent = toSay.join(" · "); toSay = []; }, 300);
}

function translate() {
  document.documentElement.lang = locale();
  document.title = say("title");
  for (const node of document.querySelectorAll("[data-word]")) node.textContent = say(node.dataset.word);
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", say(node.dataset.label));
  for (const button of document.querySelectorAll("[data-lang]")) button.setAttribute("aria-pressed", String(button.dataset.lang === pageLanguage()));
}
