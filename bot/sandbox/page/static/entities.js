// A message's text with its entities, as elements. Offsets are UTF-16 units, which is what strings have here.

import { el } from "./dom.js";

export function formatted(text, entities = [], open = () => {}) {
  const waiting = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return part(text, 0, text.length, waiting, open);
}

function part(text, from, to, waiting, open) {
  const pieces = document.createDocumentFragment();
  let at = from;
  while (waiting.length && waiting[0].offset < to) {
    const entity = waiting.shift();
    const start = Math.max(entity.offset, at);
    const end = Math.min(entity.offset + entity.length, to);
    if (end <= start) continue;
    pieces.append(text.slice(at, start));
    pieces.append(wrapped(entity, text.slice(start, end), part(text, start, end, waiting, open), open));
    // A quotation is a block: the line break behind it would otherwise show as an empty line.
    at = BLOCKS.has(PLAIN[entity.type]) && text[end] === "\n" ? end + 1 : end;
  }
  pieces.append(text.slice(at, to));
  return pieces;
}

const PLAIN = {
  bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote",
};
const BLOCKS = new Set(["blockquote", "pre"]);

function wrapped(entity, text, inside, open) {
  if (PLAIN[entity.type]) return el(PLAIN[entity.type], {}, inside);
  if (entity.type === "text_link") return link(entity.url, inside, open);
  if (entity.type === "url") return link(/^[a-z]+:/i.test(text) ? text : `https://${text}`, inside, open);
  if (entity.type === "email") return link(`mailto:${text}`, inside, open);
  if (entity.type === "phone_number") return link(`tel:${text.replace(/[^\d+]/g, "")}`, inside, open);
  if (entity.type === "bot_command") return el("a", { href: "#", onclick: (e) => { e.preventDefault(); open({ command: text }); } }, inside);
  if (entity.type === "spoiler") return spoiler(inside);
  return el("span", {}, inside);
}

function link(url, inside, open) {
  const safe = /^(https?|tel|mailto|tg):/i.test(url) ? url : "#";
  return el("a", { href: safe, target: "_blank", rel: "noopener noreferrer", onclick: (e) => { if (open({ url: safe })) e.preventDefault(); } }, inside);
}

function spoiler(inside) {
  const node = el("button", { type: "button", class: "spoiler", onclick: () => node.classList.add("open") }, el("span", {}, inside));
  return node;
}
