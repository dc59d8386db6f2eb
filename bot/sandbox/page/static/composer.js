// What stands below the chat: START, the commands, the field to write in, the reply keyboard, attachments.

import { sendFile } from "./actions.js";
import { el, icon } from "./dom.js";
import { samplePhoto } from "./sample.js";
import { phoneSay } from "./words.js";

export function composer(owner) {
  let phone = null;
  let keysOpen = true;
  let drawn = "";
  const node = el("div", { class: "below" });
  const field = el("textarea", { rows: "1", enterkeyhint: "send", oninput: grow, onkeydown: typed });
  const picker = el("input", { type: "file", hidden: true, "aria-hidden": "true", onchange: picked });
  const start = el("button", { type: "button", onclick: () => owner.start() });
  const startBar = el("div", { class: "start" }, start);
  const menu = el("button", { type: "button", class: "menu", "aria-expanded": "false", onclick: () => toggle(menu, commands()) });
  const clip = el("button", { type: "button", class: "ico", "aria-expanded": "false", onclick: () => toggle(clip, attachments()) }, icon("clip"));
  const keysButton = el("button", { type: "button", class: "ico", onclick: () => { keysOpen = !keysOpen; drawKeys(); } }, icon("keys"));
  const send = el("button", { type: "submit", class: "ico send" }, icon("send"));
  const form = el("form", { class: "composer", onsubmit: (e) => { e.preventDefault(); submit(); } }, menu, clip, field, keysButton, send, picker);
  const keys = el("div", { class: "keys", role: "group" });
  let sheet = null;

  function update(newPhone, payload) {
    phone = newPhone;
    const starts = payload !== null || !phone.started || phone.blocked;
    const signature = JSON.stringify([starts, phone.menu, phone.keys, phone.device_language, phone.blocked]);
    if (signature === drawn) return;
    drawn = signature;
    start.textContent = phoneSay(phone, phone.blocked ? "app_restart" : "app_start");
    field.placeholder = phoneSay(phone, "app_message");
    field.setAttribute("aria-label", phoneSay(phone, "app_message"));
    menu.textContent = phoneSay(phone, "app_menu");
    menu.hidden = !phone.menu.length;
    clip.setAttribute("aria-label", phoneSay(phone, "app_attach"));
    send.setAttribute("aria-label", phoneSay(phone, "app_send"));
    keysButton.setAttribute("aria-label", phoneSay(phone, "app_keys"));
    close();
    const hadFocus = node.contains(document.activeElement);
    node.replaceChildren(...(starts ? [startBar] : [form, keys]));
    drawKeys();
    if (hadFocus) focus();
  }

  function drawKeys() {
    keysButton.hidden = !phone.keys.length;
    keysButton.setAttribute("aria-expanded", String(keysOpen));
    keys.hidden = !phone.keys.length || !keysOpen;
    keys.replaceChildren(...phone.keys.map((row) => el("div", {}, row.map((key) => el("button", { type: "button", onclick: () => owner.act("key", { label: key.text }) }, key.text)))));
  }

  function grow() {
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, 110)}px`;
    if (field.value === "/" && phone.menu.length && !sheet) toggle(menu, commands(), false);
    if (!field.value.startsWith("/")) close();
  }

  function typed(event) {
    // While a Chinese word is being chosen, Enter chooses it.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); submit(); }
    if (event.key === "Escape") close();
  }

  function submit() {
    const text = field.value.trim();
    if (!text) return;
    field.value = "";
    grow();
    owner.act("say", { text });
  }

  const commands = () => phone.menu.map(([name, what]) => el("li", {}, el("button", { type: "button", onclick: () => { close(); field.value = ""; owner.act("say", { text: `/${name}` }); field.focus(); } }, el("span", {}, what), el("small", {}, el("code", {}, `/${name}`)))));

  function attachments() {
    const does = {
      app_sample_photo: async () => sendFile(owner.id, "photo", await samplePhoto(), "rash.jpg").then(shown),
      app_choose_photo: () => choose("image/png,image/jpeg,image/gif"),
      app_choose_file: () => choose(""),
      app_sample_voice: () => owner.act("voice", {}),
      app_sample_sticker: () => owner.act("sticker", { emoji: "👍" }),
    };
    return Object.entries(does).map(([key, act]) => el("li", {}, el("button", { type: "button", onclick: () => { close(); act(); } }, phoneSay(phone, key))));
  }

  function choose(accept) {
    picker.accept = accept;
    picker.click();
  }

  async function picked() {
    const [file] = picker.files;
    const kind = picker.accept ? "photo" : "document";
    if (file) shown(await sendFile(owner.id, kind, file, file.name));
    picker.value = "";
  }

  const shown = (answer) => { if (answer.error) owner.showToast(phone, { text: answer.error, alert: false }); };

  function toggle(button, rows, focus = true) {
    const again = sheet?.dataset.of === button.className;
    close();
    if (again) return;
    sheet = el("ul", { class: "sheet", dataset: { of: button.className }, onkeydown: walk }, rows);
    form.append(sheet);
    button.setAttribute("aria-expanded", "true");
    if (focus) sheet.querySelector("button")?.focus();
  }

  function walk(event) {
    const buttons = [...sheet.querySelectorAll("button")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") { close(); field.focus(); }
    if (!step) return;
    event.preventDefault();
    buttons.at((buttons.indexOf(document.activeElement) + step) % buttons.length).focus();
  }

  function close() {
    sheet?.remove();
    sheet = null;
    for (const button of [menu, clip]) button.setAttribute("aria-expanded", "false");
  }

  // On a touch screen the focus would call up the keyboard and hide half the chat.
  function focus() {
    if (startBar.isConnected) start.focus({ preventScroll: true });
    else if (!matchMedia("(pointer: coarse)").matches) field.focus({ preventScroll: true });
  }

  document.addEventListener("pointerdown", (event) => { if (sheet && !form.contains(event.target)) close(); });
  return { node, update, focus };
}
