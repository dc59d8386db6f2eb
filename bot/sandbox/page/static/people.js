// The row of people: whose phones there are, who has something new, and one more.

import { post } from "./actions.js";
import { arrange, el, gently } from "./dom.js";
import { colourOf, initialsOf, roleOf } from "./phone.js";
import { say } from "./words.js";

export function peopleRow(root, { show, showPanel }) {
  const chips = new Map();
  const panel = el("button", { type: "button", class: "chip only-narrow", onclick: showPanel });
  const add = el("button", { type: "button", class: "chip add", onclick: () => askForPhone(show) });

  function update(phones, current) {
    panel.textContent = say("panel");
    if (current === "panel" && panel.getAttribute("aria-current") !== "true") root.scrollTo({ left: 0, behavior: gently() });
    panel.setAttribute("aria-current", String(current === "panel"));
    add.textContent = `+ ${say("add_phone")}`;
    arrange(root, [panel, ...phones.map(({ phone }) => chip(phone)), add]);
    for (const { phone, unread } of phones) draw(chips.get(phone.id), phone, unread, current === phone.id);
  }

  function chip(phone) {
    if (!chips.has(phone.id)) {
      const parts = { face: el("span", { class: "face-s", "aria-hidden": "true" }), name: el("span"), count: el("span", { class: "n" }) };
      chips.set(phone.id, { ...parts, node: el("button", { type: "button", class: "chip", dataset: { id: String(phone.id) }, onclick: () => show(phone) }, parts.face, parts.name, parts.count) });
    }
    return chips.get(phone.id).node;
  }

  function draw(parts, phone, unread, current) {
    parts.node.style.setProperty("--who", colourOf(phone));
    parts.face.textContent = initialsOf(phone);
    parts.face.classList.toggle("code", Boolean(phone.code));
    parts.name.textContent = phone.name;
    parts.node.title = roleOf(phone);
    parts.count.hidden = !unread;
    parts.count.textContent = unread > 99 ? "99+" : String(unread);
    parts.node.setAttribute("aria-label", unread ? say("chip_unread", { name: phone.name, n: unread }) : phone.name);
    if (parts.node.getAttribute("aria-current") !== String(current)) {
      parts.node.setAttribute("aria-current", String(current));
      if (current) root.scrollTo({ left: parts.node.offsetLeft - root.clientWidth / 2 + parts.node.clientWidth / 2, behavior: gently() });
    }
  }
  return { update };
}

function askForPhone(show) {
  const name = el("input", { name: "name", required: true, maxlength: "40", autocomplete: "off", value: say("add_name_default") });
  const role = el("select", {}, ["participant", "coordinator", "sub_investigator", "pi", "stranger"].map((value) => el("option", { value }, say(`role_${value}`))));
  const reads = el("select", {}, ["zh", "en", "both"].map((value) => el("option", { value }, say(`reads_${value}`))));
  const problem = el("p", { class: "problem", role: "alert", hidden: true });
  const form = el(
    "form", { method: "dialog", onsubmit: submit },
    el("h2", {}, say("add_phone")),
    el("label", {}, say("add_name"), name),
    el("label", {}, say("add_role"), role),
    el("label", {}, say("add_reads"), reads),
    problem,
    el("div", { class: "row" }, el("button", { type: "button", class: "btn", onclick: () => dialog.close() }, say("cancel")), el("button", { type: "submit", class: "btn main" }, say("add"))),
  );
  const dialog = el("dialog", { onclose: () => dialog.remove(), "aria-label": say("add_phone") }, form);

  async function submit(event) {
    event.preventDefault();
    const answer = await post("phones", { name: name.value, role: role.value, reads: reads.value });
    problem.hidden = !answer.error;
    problem.textContent = answer.error ?? "";
    if (answer.error) return;
    dialog.close();
    show({ id: answer.id }, true);
  }

  document.getElementById("dialogs").append(dialog);
  dialog.showModal();
  name.select();
}
