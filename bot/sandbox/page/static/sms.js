// The second channel, as on an old phone: what a gateway would have sent to the staff, the newest first.

import { el } from "./dom.js";
import { under } from "./store.js";
import { shortMoment } from "./time.js";
import { say } from "./words.js";

export function smsCard(root) {
  let drawn = "";

  function update() {
    const taken = under("sms:").sort((a, b) => b.n - a.n);
    const signature = JSON.stringify([taken.length, taken[0]?.at, document.documentElement.lang]);
    if (signature === drawn) return;
    drawn = signature;
    root.hidden = !taken.length;
    root.replaceChildren(
      el("header", {}, el("h2", {}, say("sms")), el("span", { class: "count" }, String(taken.length))),
      el("p", { class: "how" }, say("sms_how")),
      el("ol", {}, taken.slice(0, 20).map(row)),
    );
  }
  return { update };
}

function row(sms) {
  return el("li", {}, el("p", {}, sms.text), el("time", { datetime: sms.at }, shortMoment(new Date(sms.at))));
}
