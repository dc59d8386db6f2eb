// Instants as people at the site read them, and the sandbox's clock between two messages of the server.

import { get } from "./store.js";
import { locale } from "./words.js";

const made = new Map();

function format(lang, options) {
  const timeZone = get("meta")?.zone ?? "UTC";
  const key = JSON.stringify([lang, options, timeZone]);
  if (!made.has(key)) made.set(key, new Intl.DateTimeFormat(lang, { ...options, timeZone }));
  return made.get(key);
}

export const clockTime = (at, lang = locale()) =>
  format(lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
export const secondsTime = (at, lang = locale()) =>
  format(lang, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(at);
export const longDay = (at, lang = locale()) =>
  format(lang, { weekday: "long", year: "numeric", month: "long", day: "numeric" }).format(at);
export const dayOnly = (at, lang = locale()) => format(lang, { month: "long", day: "numeric" }).format(at);
export const shortDay = (at, lang = locale()) =>
  format(lang, { weekday: "short", month: "short", day: "numeric" }).format(at);
export const dayKey = (at) => format("en-CA", { year: "numeric", month: "2-digit", day: "2-digit" }).format(at);
export const shortMoment = (at, lang = locale()) =>
  `${format(lang, { month: "numeric", day: "numeric" }).format(at)} ${clockTime(at, lang)}`;

let received = 0;

export function clockReceived() {
  received = performance.now();
}

// The sandbox's instant now, in milliseconds; a held clock stops where the server will hold it.
export function sandboxNow() {
  const clock = get("clock");
  if (!clock) return Date.now();
  const told = Date.parse(clock.now);
  if (!clock.running || clock.walk) return told;
  const moved = told + (performance.now() - received) * clock.speed;
  return clock.held_at ? Math.max(told, Math.min(moved, Date.parse(clock.held_at))) : moved;
}
