// Small helpers to build elements: text is always text, never markup.

export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) set(node, name, value);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

function set(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else if (name === "class") node.className = value;
  else if (name === "dataset") Object.assign(node.dataset, value);
  else if (name in node && typeof value !== "string") node[name] = value;
  else node.setAttribute(name, value === true ? "" : value);
}

// How to scroll for somebody who may have asked for less motion.
export const gently = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth");

const ICONS = {
  lock: "M6 11V8a6 6 0 1 1 12 0v3m-13 0h14v10H5z",
  clip: "M20 11.5 12.4 19a5 5 0 0 1-7-7l8-8a3.4 3.4 0 0 1 4.800 4.800l-8 8a1.700 1.700 0 0 1-2.400-2.400L15 7.200",
  send: "M4 12 3 4l18 8-18 8 1-8Zm0 0h8",
  down: "m5 9 7 7 7-7",
  keys: "M3 6h18v12H3zM7 10h.01M12 10h.01M17 10h.01M8 14h8",
  file: "M7 3h7l5 5v13H7zM14 3v5h5",
  play: "M8 5v14l11-7z",
  pause: "M8 5v14M16 5v14",
  ticks: "m1 13 4 4L14 7m-4 9 1.500 1.500L21 7",
  wait: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Zm0 4v5l3 2",
  signal: "M4 20v-4m5 4v-8m5 8V8m5 12V4",
};

export function icon(name, cls = "") {
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  const path = document.createElementNS(ns, "path");
  path.setAttribute("d", ICONS[name]);
  for (const [key, value] of Object.entries({
    viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "stroke-width": "2.2",
    "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true", class: cls,
  })) svg.setAttribute(key, value);
  svg.append(path);
  return svg;
}

// Put exactly these children into a node, moving as few as possible, so that focus and scroll stay.
export function arrange(parent, wanted) {
  const keep = new Set(wanted);
  for (const child of [...parent.children]) if (!keep.has(child)) child.remove();
  wanted.forEach((node, place) => {
    if (parent.children[place] !== node) parent.insertBefore(node, parent.children[place] ?? null);
  });
}
