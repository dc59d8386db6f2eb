// The card that tells what to try: five steps that tick themselves off.

import { el } from "./dom.js";
import { get, under } from "./store.js";
import { pushClock } from "./clock.js";
import { say } from "./words.js";

const STEPS = ["opened", "consented", "checked_in", "alert_taken", "broadcast"];
// The first card is the story's; phones that were added later have one too.
const newcomer = () => under("phone:").filter((phone) => phone.invitation).sort((a, b) => a.id - b.id)[0] ?? under("phone:").find((phone) => phone.role === "participant");
const ofRole = (...roles) => under("phone:").find((phone) => roles.includes(phone.role));

export function storyCard(root, show) {
  let folded = false;
  let drawn = "";
  const helps = {
    opened: () => show(newcomer()),
    consented: () => show(newcomer()),
    checked_in: () => pushClock("next"),
    alert_taken: () => show(newcomer()),
    broadcast: () => show(ofRole("coordinator")),
  };

  function update() {
    const done = get("story") ?? {};
    const signature = JSON.stringify([done, folded, document.documentElement.lang]);
    if (signature === drawn) return;
    drawn = signature;
    const kept = document.activeElement?.closest?.(".story")?.contains(document.activeElement) ? document.activeElement.className : null;
    const now = STEPS.find((step) => !done[step]);
    const fold = el("button", { type: "button", class: "fold", "aria-expanded": String(!folded), onclick: () => { folded = !folded; update(); } }, say(folded ? "story_open" : "story_fold"));
    root.replaceChildren(
      el("header", {}, el("h2", {}, say("story")), el("span", { class: "count" }, `${STEPS.filter((step) => done[step]).length}/${STEPS.length}`), fold),
      ...(folded ? [] : [el("ol", {}, STEPS.map((step, place) => item(step, place, done[step], step === now)))]),
      ...(now || folded ? [] : [el("p", { class: "happy" }, say("story_done"))]),
    );
    if (kept) root.querySelector(`button.${kept.split(" ").join(".")}`)?.focus();
  }

  function item(step, place, done, now) {
    const person = newcomer();
    return el(
      "li", { class: done ? "done" : now ? "now" : "", "aria-current": now ? "step" : null },
      el("span", { class: "mark", "aria-hidden": "true" }, done ? "✓" : String(place + 1)),
      el("div", {},
        el("p", { class: "what" }, done ? el("span", { class: "sr" }, `${say("done")} `) : null, say(`story_${step}`, { code: person?.code ?? "003" })),
        now ? el("p", { class: "how" }, say(`story_${step}_how`, { code: person?.code ?? "003" })) : null,
        now ? el("button", { type: "button", class: "btn main go", onclick: helps[step] }, say(`story_${step}_go`, { code: person?.code ?? "003" })) : null),
    );
  }
  return { update };
}
