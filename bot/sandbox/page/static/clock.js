// The clock above the phones: what time it is at the site, and how it is pushed and played.

import { post } from "./actions.js";
import { el, icon } from "./dom.js";
import { get } from "./store.js";
import { clockTime, longDay, sandboxNow, secondsTime, shortDay, shortMoment } from "./time.js";
import { say } from "./words.js";

const SPEEDS = [1, 60, 600, 3600];
const push = (what, speed) => post("clock", { do: what, ...(speed ? { speed } : {}) });

export const pushClock = push;

export function clockBar(root) {
  let speed = 60;
  let problem = null;
  const time = el("time");
  const day = el("span", { class: "today" });
  const now = button("now");
  const hour = button("hour");
  const dayOn = button("day");
  const nextName = el("span");
  const next = el("button", { type: "button", class: "btn main next", "aria-keyshortcuts": "n", onclick: () => push("next") }, nextName);
  const play = el("button", { type: "button", class: "btn", "aria-keyshortcuts": "p", onclick: () => toggle() });
  const speeds = el("select", { onchange: () => { speed = Number(speeds.value); if (get("clock")?.running) push("play", speed); } }, SPEEDS.map((times) => el("option", { value: String(times) }, `${times}×`)));
  const controls = el("div", { class: "push", role: "group" }, now, hour, dayOn, next);
  const player = el("div", { class: "play" }, play, speeds);
  const bar = el("progress", { max: "1" });
  const walked = el("span");
  const stop = el("button", { type: "button", class: "btn stop", "aria-keyshortcuts": "Escape", onclick: () => push("stop") });
  const walking = el("div", { class: "walking", hidden: true }, bar, walked, stop);
  const trouble = el("span", { class: "problem", role: "alert", hidden: true });
  root.append(el("div", { class: "face" }, time, day), controls, player, walking, trouble);

  function button(what) {
    return el("button", { type: "button", class: "btn", onclick: () => push(what) });
  }

  function toggle() {
    return push(get("clock").running ? "pause" : "play", speed);
  }

  function update() {
    const clock = get("clock");
    if (!clock) return;
    if (clock.running) speed = SPEEDS.includes(clock.speed) ? clock.speed : speed;
    now.textContent = say("clock_now");
    now.title = say("clock_now_title");
    hour.textContent = say("clock_hour");
    dayOn.textContent = say("clock_day");
    speeds.value = String(speed);
    speeds.setAttribute("aria-label", say("clock_speed"));
    play.replaceChildren(icon(clock.running ? "pause" : "play"), say(clock.running ? "clock_pause" : "clock_play"));
    controls.setAttribute("aria-label", say("clock"));
    drawNext(clock);
    drawWalk(clock);
    problem = clock.problem;
    trouble.hidden = !problem;
    trouble.textContent = problem ? say("clock_problem") : "";
    tick();
  }

  function drawNext(clock) {
    const at = clock.next_at && new Date(clock.next_at);
    const what = clock.next_name?.[document.documentElement.lang.startsWith("zh") ? "zh" : "en"];
    next.disabled = !at;
    nextName.textContent = at ? `${say("clock_next")} · ${nearby(at)}` : say("clock_nothing");
    next.title = at ? [shortDay(at), clockTime(at), what].filter(Boolean).join(" ") : "";
    next.setAttribute("aria-label", at ? `${say("clock_next")}: ${next.title}` : say("clock_nothing"));
  }

  function nearby(at) {
    return longDay(at) === longDay(sandboxNow()) ? clockTime(at) : shortMoment(at);
  }

  function drawWalk(clock) {
    const walk = clock.walk;
    const stopping = walking.contains(document.activeElement);
    controls.hidden = player.hidden = Boolean(walk);
    walking.hidden = !walk;
    // The focus must not fall from a button that goes, nor be taken from somebody who types meanwhile.
    if (!walk && stopping) next.focus({ preventScroll: true });
    if (!walk) return;
    const [start, target] = [Date.parse(walk.start), Date.parse(walk.target)];
    bar.value = target > start ? (Date.parse(clock.now) - start) / (target - start) : 0;
    bar.setAttribute("aria-label", say("clock_walking", { to: shortMoment(target) }));
    walked.textContent = say("clock_events", { n: walk.events, to: shortMoment(target) });
    stop.textContent = say("clock_stop");
  }

  function tick() {
    const at = sandboxNow();
    const clock = get("clock");
    time.textContent = clock?.running && clock.speed === 1 ? secondsTime(at) : clockTime(at);
    time.dateTime = new Date(at).toISOString();
    day.textContent = longDay(at);
  }

  setInterval(tick, 200);
  return { update, toggle };
}
