// What is served here: deployments by resource, and a choice among the resources of a fleet.

import { json } from "./api.js";
import { element } from "./dom.js";

// Models that answer no chat, by parts of their names.
const OTHERS = /embed|whisper|tts|dall|image|transcribe|instruct|davinci|babbage/;
const USUAL = "gpt-4o";

export async function served() {
  const { limits: rows } = await json("/++/limits?unlimited=true");
  const resources = [...new Set(rows.map((row) => row.resource).filter(Boolean))];
  const chats = rows.filter((row) => !OTHERS.test(row.model));
  return {
    resources,
    names: (resource) => chats.filter((row) => (row.resource ?? "") === resource).map((row) => row.deployment),
  };
}

export const usual = (names) => (names.includes(USUAL) || names.length === 0 ? USUAL : names[0]);

// The address of a resource; without a fleet there is none to choose.
export const addressOf = (resource) => (resource ? `/resources/${encodeURIComponent(resource)}` : "");

export function choice(resources, chosen) {
  const select = element("select", { id: "resource", "aria-label": "Resource", hidden: resources.length === 0 },
    resources.map((name) => element("option", {}, name)));
  select.addEventListener("change", () => chosen(select.value));
  return select;
}
