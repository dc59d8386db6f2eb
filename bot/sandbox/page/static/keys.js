// Shortcuts for the keyboard, and the list of them.

import { el } from "./dom.js";
import { say } from "./words.js";

export function shortcuts(does) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select, dialog")) return;
    const act = /^[1-9]$/.test(event.key) ? () => does.phone(Number(event.key) - 1) : does[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

export function showHelp() {
  const rows = { "1 … 9": "key_phones", N: "key_next", H: "key_hour", D: "key_day", P: "key_play", Esc: "key_stop", Enter: "key_enter", "?": "key_help" };
  const list = Object.entries(rows).flatMap(([keys, word]) => [el("dt", {}, el("kbd", {}, keys)), el("dd", {}, say(word))]);
  const dialog = el(
    "dialog", { "aria-label": say("shortcuts"), onclose: () => dialog.remove() },
    el("h2", {}, say("shortcuts")), el("dl", {}, list),
    el("div", { class: "row" }, el("button", { type: "button", class: "btn main", onclick: () => dialog.close() }, say("close"))),
  );
  document.getElementById("dialogs").append(dialog);
  dialog.showModal();
}
