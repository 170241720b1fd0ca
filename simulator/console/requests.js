// "Requests": the newest ones, a filter, and one of them whole.

import { json, text } from "./api.js";
import { forget as forgetSeen } from "./entries.js";
import { element, number, statusClass, table } from "./dom.js";

export function requests(part, show, attempt) {
  const filter = element("input", { id: "filter", placeholder: "deployment", "aria-label": "Deployment" });
  const status = element("input", { id: "status", placeholder: "status", inputmode: "numeric", size: 6, "aria-label": "Status" });
  const live = element("input", { type: "checkbox", id: "live", checked: true });
  const forget = element("button", { onclick: attempt(async () => { await json("/++/requests", { method: "DELETE" }); forgetSeen(); await refresh(true); }) }, "Forget all");
  const list = element("div", { id: "list" });
  const detail = element("section", { id: "detail", "aria-live": "polite" });
  part.append(element("div", { class: "row" }, filter, status, element("label", { for: "live" }, live, " live"), forget),
    element("div", { class: "beside" }, list, detail));
  const shown = attempt((id) => open(id, detail, show));
  const wanted = sessionStorage.getItem("request-shown");
  sessionStorage.removeItem("request-shown");
  if (wanted) shown(wanted);

  async function refresh(now = false) {
    if (!live.checked && !now) return;
    const query = new URLSearchParams({ limit: "100", bodies: "false" });
    if (filter.value) query.set("deployment", filter.value);
    if (/^[1-5]\d\d$/.test(status.value)) query.set("status", status.value);
    const { requests: entries } = await json(`/++/requests?${query}`);
    const focused = document.activeElement?.dataset?.id;
    list.replaceChildren(rows(entries, shown, query.has("deployment") || query.has("status")));
    if (focused) list.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus();
  }
  for (const input of [filter, status]) input.addEventListener("input", attempt(() => refresh(true)));
  return { refresh };
}

const NONE = "No requests yet: “Try it” sends one, and “Connect” shows how your app does.";

function rows(entries, open, filtered) {
  if (entries.length === 0) return element("p", { class: "hint" }, filtered ? "No request is like that." : NONE);
  const clicked = (entry) => ({
    "data-id": entry.id, tabindex: 0, onclick: () => open(entry.id),
    onkeydown: (event) => { if (event.key === "Enter") open(entry.id); },
  });
  const resources = entries.some((entry) => entry.resource) ? [{ title: "Resource", of: (entry) => entry.resource }] : [];
  return table([
    { title: "Time", of: (entry) => new Date(entry.time).toLocaleTimeString("en-GB") },
    { title: "Operation", class: "optional", of: (entry) => entry.operation },
    ...resources,
    { title: "Deployment", of: (entry) => entry.deployment },
    { title: "Status", of: (entry) => element("span", { class: statusClass(entry.status) }, entry.status) },
    { title: "Tokens", class: "number", of: (entry) => number((entry.prompt_tokens ?? 0) + (entry.completion_tokens ?? 0)) },
    { title: "ms", class: "number", of: (entry) => number(entry.duration_ms, 1) },
    { title: "Reason", class: "optional reason", of: (entry) => element("span", {}, entry.reason ?? (entry.rule ? `rule ${entry.rule}` : entry.cut ? "cut" : "")) },
  ], entries, clicked);
}

async function open(id, place, show) {
  const address = `/++/requests/${encodeURIComponent(id)}`;
  const { request, response, ...facts } = await json(address);
  const curl = await text(`${address}?as=curl`);
  const copy = element("button", { onclick: () => copied(copy, curl) }, "Copy as curl");
  const rule = element("button", { onclick: () => { sessionStorage.setItem("rule-draft", draft(facts)); show("rules"); } }, "Make a rule of it");
  const bodies = [["Request", request], ["Response", response]].filter(([, body]) => body !== undefined);
  const hint = bodies.length ? [] : [element("p", { class: "hint" }, "Bodies are kept with JOURNAL_BODIES=true.")];
  place.replaceChildren(
    element("h2", {}, `Request ${id}`), element("div", { class: "row" }, copy, rule),
    element("pre", {}, JSON.stringify(facts, null, 2)), ...hint,
    ...bodies.flatMap(([title, body]) => [element("h2", {}, title), element("pre", {}, body)]),
    element("h2", {}, "curl"), element("pre", { id: "curl" }, curl));
  place.scrollIntoView({ block: "nearest" });
}

// Where a page is not served over https, nor from this machine, browsers have no clipboard for it.
async function copied(button, words) {
  try {
    await navigator.clipboard.writeText(words);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(document.getElementById("curl"));
    button.textContent = "Selected: copy it";
  }
}

function draft(entry) {
  const when = { operation: entry.operation, ...(entry.resource ? { resource: entry.resource } : {}), ...(entry.deployment ? { deployment: entry.deployment } : {}) };
  return JSON.stringify({ rules: [{ when, reply: "An answer of your choice.", times: 1 }] }, null, 2);
}
