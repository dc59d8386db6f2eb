// One phone on the page: head, chat, keyboards, and what its owner does.

import { onPhone } from "./actions.js";
import { bubble, firstLine } from "./bubbles.js";
import { composer } from "./composer.js";
import { arrange, el, gently, icon } from "./dom.js";
import { under } from "./store.js";
import { switches } from "./switches.js";
import { clockTime, dayKey, dayOnly, sandboxNow } from "./time.js";
import { phoneLocale, phoneSay, say } from "./words.js";

const COLOURS = ["#2f6fb3", "#a8437f", "#2c7d57", "#9a5414", "#6a4bb0", "#0d7c86", "#b0413e"];

export const colourOf = (phone) => COLOURS[phone.id % COLOURS.length];
export const initialsOf = (phone) => phone.code || [...phone.name.replace(/^(Dr\.?|医生)\s*/i, "")][0];
export const roleOf = (phone) => say(`role_${phone.role}`);

export class Phone {
  constructor(id, { announce, meta }) {
    this.id = id;
    this.meta = meta;
    this.announce = announce;
    this.nodes = new Map();
    this.drawn = new Map();
    this.unread = 0;
    this.visible = false;
    this.payload = null;
    this.toastsSeen = null;
    this.first = true;
    this.tapped = null;
    this.revealed = false;
    this.build();
  }

  build() {
    this.title = el("h2");
    this.role = el("div", { class: "role" });
    this.face = el("span", { class: "face-s", "aria-hidden": "true" });
    this.mood = el("div", { class: "mood" });
    this.switches = switches(this.id);
    this.locked = el("div", { class: "locked" });
    this.botName = el("b");
    this.status = el("small");
    this.pin = el("button", { type: "button", class: "pin", hidden: true, onclick: () => this.showPinned() });
    this.scroll = el("div", { class: "scroll", role: "log", tabindex: "0", "aria-live": "off", onscroll: () => this.scrolled() });
    this.badge = el("span", { class: "n", hidden: true });
    this.down = el("button", { type: "button", class: "down", hidden: true, onclick: () => this.toBottom(true) }, icon("down"), this.badge);
    this.layer = el("div");
    // What makes the chat higher or lower, a keyboard say, must not hide the newest message.
    this.stuck = true;
    for (const moved of ["wheel", "touchmove", "keydown"]) this.scroll.addEventListener(moved, () => { this.revealed = false; }, { passive: true });
    new ResizeObserver(() => { if (this.stuck) this.toBottom(false); }).observe(this.scroll);
    this.composer = composer(this);
    this.device = el(
      "div", { class: "device" },
      this.locked,
      el("header", { class: "chat-head" }, el("img", { src: "/static/icon.svg", alt: "" }), el("div", {}, this.botName, this.status)),
      this.pin,
      el("div", { class: "chat" }, this.scroll, this.down, this.layer),
      this.composer.node,
    );
    this.node = el(
      "article", { class: "phone", dataset: { id: String(this.id) } },
      el("header", { class: "owner" }, this.face, el("div", { class: "who" }, this.title, this.role), this.mood, this.switches.button, this.switches.sheet),
      this.device,
    );
  }

  // Draw what changed; `fresh` are the messages that came just now.
  update(phone, fresh) {
    this.phone = phone;
    this.drawOwner(phone);
    const stick = this.first || this.revealed || this.atBottom();
    const { came, edited } = this.drawChat(phone, fresh);
    this.composer.update(phone, this.payload);
    this.drawToasts(phone);
    const mine = came.some((message) => message.from?.id === this.id);
    const asked = came.length ? null : edited.find((message) => message.message_id === this.tapped);
    if (asked) this.reveal(this.nodes.get(`msg:${asked.message_id}`), stick);
    else if (stick || mine) { this.toBottom(false); this.revealed = false; }
    const theirs = (message) => message.from?.id !== this.id;
    this.count(came.filter(theirs), stick);
    this.tell([...came, ...edited].filter(theirs));
    this.first = false;
    this.scrolled();
  }

  drawOwner(phone) {
    this.node.style.setProperty("--who", colourOf(phone));
    this.node.setAttribute("aria-label", say("phone_of", { name: phone.name }));
    this.face.textContent = initialsOf(phone);
    this.face.classList.toggle("code", Boolean(phone.code));
    this.title.textContent = phone.name;
    this.role.textContent = [[roleOf(phone), phone.code].filter(Boolean).join(" "), say(`reads_${phone.reads}`)].filter(Boolean).join(" · ");
    arrange(this.mood, [phone.blocked && "blocked", phone.offline && "offline"].filter(Boolean).map((state) => el("span", { class: "badge" }, say(`is_${state}`))));
    this.switches.update(phone);
    this.botName.textContent = this.meta().name;
    const typing = phone.typing && !phone.offline;
    this.status.textContent = phoneSay(phone, phone.offline ? "app_connecting" : typing ? "app_typing" : "app_bot");
    this.status.className = typing ? "typing" : "";
    this.scroll.setAttribute("aria-label", say("chat_of", { name: phone.name }));
    this.device.lang = phone.device_language.startsWith("zh") ? "zh-CN" : "en";
    this.pin.hidden = !phone.pinned;
    if (phone.pinned) this.pin.replaceChildren(el("span", {}, el("b", {}, phoneSay(phone, "app_pinned_title")), el("span", {}, firstLine(phone.pinned, phone))));
  }

  drawChat(phone, fresh) {
    const messages = under(`msg:${this.id}:`).sort((a, b) => a.message_id - b.message_id);
    const known = new Set(this.nodes.keys());
    const wanted = [];
    let day = null;
    let before = null;
    for (const message of messages) {
      const at = new Date(message.date * 1000);
      if (dayKey(at) !== day) {
        day = dayKey(at);
        before = null;
        wanted.push(this.keep(`day:${day}`, [day, phone.device_language], () => el("div", { class: "date" }, dayOnly(at, phoneLocale(phone)))));
      }
      const node = this.message(message, phone);
      const same = before && before.from?.id === message.from?.id;
      node.classList.toggle("first", !same);
      if (before) before.node.classList.toggle("tail", !same);
      node.classList.add("tail");
      before = { from: message.from, node };
      wanted.push(node);
    }
    phone.waiting.forEach((text, place) => wanted.push(this.keep(`wait:${place}`, [text], () => bubble({ message_id: 0, from: { id: this.id }, date: sandboxNow() / 1000, text, waiting: true }, phone, this))));
    if (!messages.length) wanted.push(this.keep("empty", [phone.invitation, phone.device_language, phone.started], () => this.emptyCard(phone)));
    this.forget(wanted);
    arrange(this.scroll, wanted);
    const latest = messages.findLast((message) => message.from?.id !== this.id && !message.pinned_message);
    this.drawLocked(phone, latest);
    if (this.first) return { came: [], edited: [] };
    const told = messages.filter((message) => fresh.has(`msg:${this.id}:${message.message_id}`));
    const isNew = (message) => !known.has(`msg:${message.message_id}`);
    return { came: told.filter(isNew), edited: told.filter((message) => !isNew(message)) };
  }

  message(message, phone) {
    const asking = phone.asking.filter((query) => query.message_id === message.message_id);
    return this.keep(`msg:${message.message_id}`, [message, asking, phone.device_language], () => bubble(message, phone, this), !this.first);
  }

  // A node is drawn again only when what it shows changed; the focus stays on the button where it was.
  keep(key, shows, draw, moves = false) {
    const signature = JSON.stringify(shows);
    const old = this.nodes.get(key);
    if (old && this.drawn.get(key) === signature) return old;
    const node = draw();
    node.dataset.key = key;
    if (old) {
      const place = [...old.querySelectorAll("button, a")].indexOf(document.activeElement);
      if (old.parentNode) old.replaceWith(node);
      if (place >= 0) ([...node.querySelectorAll("button, a")][place] ?? node.querySelector(".rows-of-keys button") ?? this.scroll).focus({ preventScroll: true });
    } else if (moves) node.classList.add("new");
    this.nodes.set(key, node);
    this.drawn.set(key, signature);
    return node;
  }

  forget(wanted) {
    const keys = new Set(wanted.map((node) => node.dataset.key));
    for (const key of [...this.nodes.keys()]) if (!keys.has(key)) { this.nodes.delete(key); this.drawn.delete(key); }
  }

  emptyCard(phone) {
    const card = phone.invitation && el(
      "div", { class: "card" },
      el("p", {}, say("card_says")),
      el("a", { href: phone.invitation, class: "join", onclick: (e) => { e.preventDefault(); this.open({ url: phone.invitation }); } }, phone.invitation.replace("https://", "")),
    );
    return el("div", { class: "empty" }, el("b", {}, phoneSay(phone, "app_what_can")), phoneSay(phone, "app_about"), card || null);
  }

  drawLocked(phone, latest) {
    const shown = latest && !phone.offline && !phone.blocked;
    const text = shown ? firstLine(latest, phone) : say("locked_empty");
    this.locked.title = say("locked_title");
    this.locked.replaceChildren(
      icon("lock", "ic"),
      el("span", {}, el("b", {}, shown ? `${this.meta().name}: ` : ""), text),
      shown ? el("time", {}, clockTime(new Date(latest.date * 1000))) : "",
    );
  }

  drawToasts(phone) {
    const ids = phone.toasts.map((toast) => toast.id);
    const seen = this.toastsSeen;
    this.toastsSeen = new Set(ids);
    if (seen) for (const toast of phone.toasts) if (!seen.has(toast.id)) this.showToast(phone, toast);
  }

  showToast(phone, toast) {
    this.announce(toast.text);
    if (!toast.alert) {
      const node = el("div", { class: "toast", role: "status" }, toast.text);
      this.layer.replaceChildren(node);
      setTimeout(() => node.remove(), 4000);
      return;
    }
    const back = document.activeElement;
    const close = () => { this.layer.replaceChildren(); back?.focus?.(); };
    const ok = el("button", { type: "button", onclick: close }, phoneSay(phone, "app_ok"));
    this.layer.replaceChildren(el("div", { class: "popup", role: "alertdialog", "aria-modal": "true", "aria-label": this.meta().name, onkeydown: (e) => { if (e.key === "Escape") close(); } }, el("div", {}, el("p", {}, toast.text), ok)));
    if (this.node.contains(back)) ok.focus();
  }

  // --- where the chat stands ----------------------------------------------------

  atBottom() {
    return this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < 48;
  }

  toBottom(smooth) {
    this.scroll.scrollTo({ top: this.scroll.scrollHeight, behavior: smooth ? gently() : "instant" });
  }

  // A question that follows a tap is shown whole, even where its keys are many; what comes next is shown all the same.
  reveal(node, stick) {
    const [box, inside] = [node.getBoundingClientRect(), this.scroll.getBoundingClientRect()];
    if (stick) this.toBottom(false);
    const above = inside.top + 8 - node.getBoundingClientRect().top;
    if (above > 0 && box.height < inside.height) this.scroll.scrollBy({ top: -above, behavior: "instant" });
    this.revealed = stick;
  }

  scrolled() {
    if (this.atBottom() && this.visible && !document.hidden) this.unread = 0;
    this.stuck = this.atBottom();
    this.down.hidden = this.stuck;
    this.down.setAttribute("aria-label", this.unread ? say("down_unread", { n: this.unread }) : say("down"));
    this.badge.hidden = !this.unread;
    this.badge.textContent = this.unread;
    this.onUnread?.();
  }

  count(came, stick) {
    // What was edited in place is not unread, as in Telegram.
    if (!(stick && this.visible)) this.unread += came.length;
  }

  tell(came) {
    if (!came.length) return;
    const line = came.length > 2 ? say("many_new", { n: came.length }) : came.map((message) => firstLine(message, this.phone)).join(" ");
    this.announce(`${this.phone.name}: ${line}`);
  }

  showPinned() {
    const node = this.nodes.get(`msg:${this.phone.pinned.message_id}`);
    node?.scrollIntoView({ block: "center", behavior: gently() });
    node?.querySelector(".b")?.classList.add("flash");
    setTimeout(() => node?.querySelector(".b")?.classList.remove("flash"), 1300);
  }

  // --- what its owner does ---------------------------------------------------------

  async act(action, body) {
    const answer = await onPhone(this.id, action, body);
    if (answer.error) this.showToast(this.phone, { text: answer.error, alert: false });
    return answer;
  }

  tap(messageId, data) {
    this.tapped = messageId;
    return this.act("tap", { message_id: messageId, data });
  }

  // True where the link leads to the bot itself, which this phone opens; anything else the browser may have.
  open({ url, command }) {
    if (command) { this.act("say", { text: command }); return true; }
    const link = new URL(url, location.href);
    const toBot = /^(t\.me|telegram\.me)$/.test(link.hostname) && link.pathname.slice(1).toLowerCase() === this.meta().username.toLowerCase();
    if (!toBot) return false;
    this.payload = link.searchParams.get("start") ?? "";
    this.composer.update(this.phone, this.payload);
    this.composer.focus();
    return true;
  }

  start() {
    const payload = this.payload ?? "";
    this.payload = null;
    return this.act("start", { payload });
  }

  enlarge(fileId, alt) {
    const dialog = el("dialog", { class: "light", "aria-label": alt, onclick: () => dialog.close(), onclose: () => dialog.remove() }, el("img", { src: `/files/${fileId}`, alt }));
    document.getElementById("dialogs").append(dialog);
    dialog.showModal();
  }
}
