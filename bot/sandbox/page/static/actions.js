// What the page asks of the server. A custom header and JSON keep other sites from asking the same.

import { say } from "./words.js";

export async function post(path, body = {}) {
  const answer = await fetch(`/api/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Suifang": "page" },
    body: JSON.stringify(body),
  }).catch(() => null);
  if (answer === null) return { error: say("connection_lost") };
  return answer.json().catch(() => ({ error: `${answer.status}` }));
}

export const onPhone = (id, action, body) => post(`phones/${id}/${action}`, body);

export async function sendFile(id, kind, blob, name, caption = "") {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let binary = "";
  for (let at = 0; at < bytes.length; at += 32768) binary += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return onPhone(id, "file", { kind, name, type: blob.type, content: btoa(binary), caption });
}
