// The page's state: one flat document that the server sends whole once and then by its changes.

const doc = new Map();
const watchers = new Set();
let source = null;

export const get = (key) => doc.get(key);

export function under(prefix) {
  const found = [];
  for (const [key, value] of doc) if (key.startsWith(prefix)) found.push(value);
  return found;
}

// `watcher(keys, whole)`: the keys that changed or went; `whole` where everything was read anew.
export function watch(watcher) {
  watchers.add(watcher);
}

export function connect(onState) {
  source = new EventSource("/events");
  source.addEventListener("open", () => onState(true));
  source.addEventListener("error", () => {
    onState(false);
    // A browser gives up for good when the server answers with an error; we do not.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => connect(onState), 1500);
  });
  source.addEventListener("whole", (event) => replace(JSON.parse(event.data)));
  source.addEventListener("change", (event) => change(JSON.parse(event.data)));
}

function replace(whole) {
  const keys = new Set([...doc.keys(), ...Object.keys(whole)]);
  doc.clear();
  for (const [key, value] of Object.entries(whole)) doc.set(key, value);
  tell(keys, true);
}

function change({ set, del }) {
  for (const key of del) doc.delete(key);
  for (const [key, value] of Object.entries(set)) doc.set(key, value);
  tell(new Set([...Object.keys(set), ...del]), false);
}

function tell(keys, whole) {
  for (const watcher of watchers) watcher(keys, whole);
}
