// "Recordings": the routes, their entries, one of them whole, and each miss beside its nearest.

import { json, text } from "./api.js";
import { element, number, table } from "./dom.js";

const NEAREST = /nearest recording of the same route is (\S+\.json);/;

export function recordings(part, _show, attempt) {
  const routes = element("div", { id: "routes" });
  const entries = element("div", { id: "entries" });
  const detail = element("div", { id: "recording" });
  const misses = element("div", { id: "misses" });
  part.append(element("h2", {}, "Routes"), routes, entries, detail, element("h2", {}, "Misses"), misses);
  const again = element("button", { onclick: attempt(list) }, "Look again");
  attempt(list)();

  async function list() {
    const { routes: found, whole } = await json("/++/recordings");
    if (found.length === 0) return routes.replaceChildren(element("p", { class: "hint" }, "Nothing is recorded."), again);
    const more = whole ? null : element("p", { class: "hint" }, "There are more; these are counted.");
    return routes.replaceChildren(...[table([
      { title: "Route", of: ({ route }) => element("button", { onclick: attempt(() => open(route)) }, route) },
      { title: "Recordings", class: "number", of: (row) => number(row.recordings) },
    ], found), more, again].filter(Boolean));
  }

  async function open(route, after = "") {
    const query = new URLSearchParams({ route, after });
    const { recordings: found, next } = await json(`/++/recordings?${query}`);
    const ofFleet = found.some((row) => row.resource);
    entries.replaceChildren(...[element("h2", {}, route), table([
      { title: "Recording", of: (row) => element("button", { onclick: attempt(() => show(row.name)) }, row.recording.slice(0, 12)) },
      ...(ofFleet ? [{ title: "Resource", of: (row) => row.resource }] : []),
      { title: "Tokens", class: "number optional", of: (row) => row.tokens },
      { title: "Duration", class: "number optional", of: (row) => row.duration },
      { title: "Prompt", of: (row) => row.prompt },
    ], found), next ? element("button", { onclick: attempt(() => open(route, next)) }, "More") : null].filter(Boolean));
  }

  async function show(name, beside = []) {
    const stored = pretty(await text(`/++/recordings/${name}`));
    detail.replaceChildren(element("div", { class: "pair" }, ...beside, side(name, stored)));
    detail.scrollIntoView({ block: "nearest" });
  }

  async function compare(entry) {
    const { request } = await json(`/++/requests/${entry.id}`);
    const asked = request === undefined ? "JOURNAL_BODIES=true keeps the bodies of requests." : pretty(request);
    await show(NEAREST.exec(entry.reason)[1], [side("What was asked", asked)]);
  }

  return {
    async refresh() {
      const { requests } = await json("/++/requests?limit=1000&status=404&bodies=false");
      const missed = requests.filter((entry) => entry.recording === "missed").slice(0, 50);
      const shown = missed.map((entry) => entry.id).join();
      if (misses.dataset.shown === shown) return;
      misses.dataset.shown = shown;
      if (missed.length === 0) return misses.replaceChildren(element("p", { class: "hint" }, "No request missed its recording."));
      misses.replaceChildren(table([
        { title: "Time", of: (entry) => new Date(entry.time).toLocaleTimeString() },
        { title: "Why", of: (entry) => entry.reason },
        { title: "", of: (entry) => NEAREST.test(entry.reason) && element("button", { onclick: attempt(() => compare(entry)) }, "Beside its nearest") },
      ], missed));
    },
  };
}

const side = (title, body) => element("div", {}, element("h2", {}, title), element("pre", {}, body));

function pretty(body) {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
