// One message as a bubble: text, picture, file, time, and the buttons under it.

import { el, icon } from "./dom.js";
import { formatted } from "./entities.js";
import { clockTime } from "./time.js";
import { phoneLocale, phoneSay } from "./words.js";

export function bubble(message, phone, does) {
  const out = message.from?.id === phone.id;
  if (message.pinned_message) return service(phoneSay(phone, "app_pinned", { what: firstLine(message.pinned_message, phone) }));
  if (message.sticker && !out) return plain(message, phone, does, out);
  return plain(message, phone, does, out);
}

const service = (text) => el("div", { class: "service" }, text);

function plain(message, phone, does, out) {
  const rows = message.reply_markup?.inline_keyboard ?? [];
  const keyed = rows.length > 0;
  return el(
    "div",
    { class: `m${out ? " out" : ""}${keyed ? " keyed" : ""}`, dataset: { id: String(message.message_id) } },
    el("div", { class: "b" }, quoted(message, phone), media(message, phone, does), body(message, does), meta(message, phone, out), el("span", { class: "clear" }), reactions(message)),
    keyed ? inlineKeys(message, phone, rows, does) : null,
  );
}

function body(message, does) {
  const text = message.text ?? message.caption;
  const entities = message.entities ?? message.caption_entities;
  return text ? el("span", { class: "text", dir: "auto" }, formatted(text, entities, does.open)) : null;
}

function quoted(message, phone) {
  const reply = message.reply_to_message;
  return reply ? el("span", { class: "reply" }, firstLine(reply, phone)) : null;
}

function meta(message, phone, out) {
  const at = new Date(message.date * 1000);
  return el(
    "span", { class: "meta" },
    message.protected ? el("span", { role: "img", "aria-label": phoneSay(phone, "app_protected"), title: phoneSay(phone, "app_protected") }, icon("lock")) : null,
    message.edit_date ? `${phoneSay(phone, "app_edited")} ` : null,
    el("time", { datetime: at.toISOString() }, clockTime(at, phoneLocale(phone))),
    out ? icon(message.waiting ? "wait" : "ticks", "ticks") : null,
  );
}

function reactions(message) {
  if (!message.reactions?.length) return null;
  return el("div", { class: "reactions" }, message.reactions.map((emoji) => el("span", {}, emoji)));
}

function media(message, phone, does) {
  if (message.photo) return picture(message, phone, does);
  if (message.document) return file(message.document, phone, message.document.file_name);
  if (message.voice) return voice(message.voice);
  if (message.sticker) return el("div", { class: "sticker", role: "img", "aria-label": message.sticker.emoji ?? "sticker" }, message.sticker.emoji ?? "🙂");
  const place = message.venue ?? (message.location && { title: phoneSay(phone, "app_location"), address: `${message.location.latitude}, ${message.location.longitude}` });
  if (place) return el("div", { class: "file" }, el("span", { class: "ico" }, "📍"), el("span", {}, el("b", {}, place.title), el("small", {}, place.address)));
  return null;
}

function picture(message, phone, does) {
  const size = message.photo.at(-1);
  const alt = message.caption ?? phoneSay(phone, "app_photo");
  const image = el("img", { src: `/files/${size.file_id}`, alt, width: String(size.width), height: String(size.height), loading: "lazy" });
  image.style.aspectRatio = `${size.width} / ${size.height}`;
  image.style.height = "auto";
  return el("button", { type: "button", class: "picture", "aria-label": phoneSay(phone, "app_open_photo"), onclick: () => does.enlarge(size.file_id, alt) }, image);
}

function file(document_, phone, name) {
  return el(
    "a", { class: "file", href: `/files/${document_.file_id}`, download: name ?? "file" },
    el("span", { class: "ico" }, icon("file")),
    el("span", {}, el("b", {}, name ?? phoneSay(phone, "app_document")), el("small", {}, size(document_.file_size))),
  );
}

const size = (bytes = 0) => (bytes < 1024 ? `${bytes} B` : bytes < 1048576 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1048576).toFixed(1)} MB`);

function voice(clip) {
  const bars = [8, 14, 20, 12, 18, 22, 10, 16, 6, 12, 20, 15, 9, 18, 12, 7, 14, 10];
  const wave = bars.map((height) => { const bar = el("i"); bar.style.height = `${height}px`; return bar; });
  const length = `0:${String(clip.duration ?? 0).padStart(2, "0")}`;
  return el("div", { class: "file" }, el("span", { class: "ico" }, icon("play")), el("span", {}, el("span", { class: "wave", "aria-hidden": "true" }, wave), el("small", {}, length)));
}

function inlineKeys(message, phone, rows, does) {
  const asking = (phone.asking ?? []).filter((query) => query.message_id === message.message_id).map((query) => query.data);
  return el("div", { class: "rows-of-keys" }, rows.map((row) => el("div", {}, row.map((key) => inlineKey(message, key, asking.includes(key.callback_data), does)))));
}

function inlineKey(message, key, asking, does) {
  if (key.url) {
    return el("a", { href: key.url, target: "_blank", rel: "noopener noreferrer", onclick: (e) => { if (does.open({ url: key.url })) e.preventDefault(); } }, key.text);
  }
  return el("button", { type: "button", class: asking ? "asking" : "", "aria-busy": asking ? "true" : null, onclick: () => does.tap(message.message_id, key.callback_data ?? "") }, key.text);
}

export function firstLine(message, phone) {
  const text = message.text ?? message.caption;
  if (text) return text.split("\n").find((line) => line.trim()) ?? "";
  const kind = ["photo", "document", "voice", "sticker"].find((name) => message[name]);
  return kind ? phoneSay(phone, `app_${kind}`) : "…";
}
