// Beside the phones: what waits in the outbox, what went out, what failed, and the API calls.

import { arrange, el } from "./dom.js";
import { get, under } from "./store.js";
import { clockTime, shortMoment } from "./time.js";
import { known, say } from "./words.js";

const WAITING = ["queued", "sending"];
const TABS = {
  waiting: (row) => WAITING.includes(row.state),
  sent: (row) => row.state === "sent",
  failed: (row) => !WAITING.includes(row.state) && row.state !== "sent",
};

export function logPanel(root) {
  let tab = "sent";
  let who = "";
  const title = el("h2");
  const tabs = el("div", { class: "seg", role: "tablist", onkeydown: arrows });
  const filter = el("select", { id: "log-who", onchange: () => { who = filter.value; update(); } });
  const label = el("label", { for: "log-who", class: "sr" });
  const rows = el("ul", { class: "rows", id: "log-rows", role: "tabpanel", tabindex: "0" });
  root.append(el("header", {}, el("div", { class: "filter" }, title, label, filter), tabs), rows);
  const buttons = Object.fromEntries([...Object.keys(TABS), "calls"].map((name) => [name, tabButton(name)]));
  tabs.append(...Object.values(buttons));

  function tabButton(name) {
    return el("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "log-rows", onclick: () => choose(name) });
  }

  function choose(name) {
    tab = name;
    update();
    rows.scrollTop = 0;
  }

  function arrows(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const names = Object.keys(buttons);
    choose(names.at((names.indexOf(tab) + step) % names.length));
    buttons[tab].focus();
  }

  function update() {
    const outbox = under("out:");
    const calls = under("call:").sort((a, b) => b.n - a.n);
    title.textContent = say("log");
    label.textContent = say("log_who");
    rows.setAttribute("aria-labelledby", `tab-${tab}`);
    for (const [name, button] of Object.entries(buttons)) drawTab(name, button, outbox, calls);
    drawFilter(outbox);
    const shown = tab === "calls" ? calls.filter(ofCaller).map(callRow) : outbox.filter(TABS[tab]).filter((row) => !who || row.person === who).sort(order).map(outboxRow);
    arrange(rows, shown.length ? shown.slice(0, 200) : [el("li", { class: "none" }, say(`log_none_${tab}`))]);
  }

  function drawTab(name, button, outbox, calls) {
    const count = name === "calls" ? calls.length : outbox.filter(TABS[name]).length;
    button.replaceChildren(say(`log_${name}`), " ", el("span", { class: "n" }, count ? String(count) : ""));
    button.setAttribute("aria-selected", String(name === tab));
    button.tabIndex = name === tab ? 0 : -1;
  }

  function drawFilter(outbox) {
    const people = [...new Set([...under("phone:").map(called), ...outbox.map((row) => row.person)].filter(Boolean))];
    const signature = JSON.stringify([people, document.documentElement.lang]);
    if (filter.dataset.of === signature) return;
    filter.dataset.of = signature;
    filter.replaceChildren(el("option", { value: "" }, say("log_everyone")), ...people.map((name) => el("option", { value: name }, name)));
    filter.value = who;
  }

  const ofCaller = (call) => !who || called(get(`phone:${call.chat_id}`)) === who;
  const order = (a, b) => (tab === "waiting" ? Date.parse(a.due_at ?? 0) - Date.parse(b.due_at ?? 0) || a.id - b.id : b.id - a.id);
  return { update };
}

const called = (phone) => phone && (phone.code || phone.name);

function outboxRow(row) {
  const kind = known(`kind_${row.kind}`) ?? row.kind.replaceAll("_", " ");
  const at = row.sent_at ?? row.due_at;
  return el(
    "li", {},
    el("span", { class: "kind" }, kind),
    el("time", { class: "when", datetime: at ?? "" }, at ? shortMoment(new Date(at)) : ""),
    el("span", { class: "more" }, el("span", {}, `→ ${row.person ?? "?"}`), el("span", { class: `tag p${row.priority}` }, say(`priority_${row.priority}`)), row.attempts > 1 ? el("span", {}, say("log_attempts", { n: row.attempts })) : null),
    stateTag(row.state),
    row.error ? el("span", { class: "error" }, row.error) : null,
  );
}

function stateTag(state) {
  const tone = state === "sent" ? "good" : WAITING.includes(state) ? "wait" : state === "skipped" ? "" : "bad";
  return el("span", { class: `tag ${tone}` }, say(`state_${state}`));
}

function callRow(call) {
  const phone = get(`phone:${call.chat_id}`);
  return el(
    "li", {},
    el("code", { class: "kind" }, call.method),
    el("time", { class: "when", datetime: call.at }, clockTime(new Date(call.at))),
    el("span", { class: "more" }, phone ? `→ ${called(phone)}` : ""),
    el("span", { class: `tag ${call.ok ? "good" : "bad"}` }, call.ok ? "OK" : String(call.code)),
    call.ok ? null : el("span", { class: "error" }, call.description),
  );
}
