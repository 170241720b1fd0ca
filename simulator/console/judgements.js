// "Verdict" and "Costs".

import { json } from "./api.js";
import { element, number, table } from "./dom.js";

export function verdict(part, show) {
  const example = (id) => element("button", { onclick: () => { sessionStorage.setItem("request-shown", id); show("requests"); }, "aria-label": `Show request ${id}` }, id.slice(0, 8));
  const place = element("div", { id: "verdict" });
  part.append(place);
  return {
    async refresh() {
      const found = await json("/++/verdict");
      const colour = { clean: "good", warning: "warn", error: "bad" }[found.verdict];
      place.replaceChildren(
        element("h2", { class: colour }, `${found.verdict}: ${number(found.requests)} request${found.requests === 1 ? "" : "s"}`),
        found.findings.length === 0 ? element("p", { class: "hint" }, found.requests === 0 ? "No requests yet: there is nothing to judge." : "Nothing was found.") : table([
          { title: "Finding", of: (row) => element("span", { class: row.severity === "error" ? "bad" : "warn" }, row.kind) },
          { title: "Times", class: "number", of: (row) => number(row.count) },
          { title: "Requests", of: (row) => element("div", { class: "row" }, row.requests.map(example)) },
          { title: "On Azure", class: "optional", of: (row) => row.cost },
          { title: "Advice", of: (row) => row.advice },
        ], found.findings, () => ({ class: "stacked" })));
    },
  };
}

// Two digits from a unit on, four below, and more only for what would read as nothing.
function amount(value) {
  if (value === 0) return "0";
  if (value < 0.0001) return value.toLocaleString("en", { maximumSignificantDigits: 2 });
  const digits = value < 1 ? 4 : 2;
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

const LOST = { cut: "cut answers", left: "answers nobody waited for", filtered: "filtered", retried: "repeated answers" };

export function costs(part) {
  const place = element("div", { id: "costs" });
  part.append(place);
  return {
    async refresh() {
      const found = await json("/++/costs");
      const money = (value) => (value === null || value === undefined ? "no price" : `${amount(value)} ${found.currency}`);
      const facts = [["total", found.total], ...Object.entries(found.thrown_away).map(([kind, money]) => [LOST[kind] ?? kind, money]),
        ["as batch", found.instead.batch], ["as flex", found.instead.flex], ["at priority", found.instead.priority]];
      place.replaceChildren(
        element("div", { class: "tiles" }, facts.map(([label, value]) => element("div", { class: "tile" }, element("b", {}, money(value)), element("span", {}, label)))),
        element("p", { class: "hint" }, `List prices of ${found.prices_of}.`, found.unpriced.length ? ` Without a price: ${found.unpriced.join(", ")}.` : ""),
        found.rows.length === 0 ? element("p", { class: "hint" }, "No requests yet: nothing has a cost.") : table([
          ...(found.rows.some((row) => row.resource) ? [{ title: "Resource", of: (row) => row.resource }] : []),
          { title: "Deployment", of: (row) => row.deployment },
          { title: "Model", class: "optional", of: (row) => row.model },
          { title: "Key", class: "optional", of: (row) => row.key },
          { title: "Requests", class: "number", of: (row) => number(row.requests) },
          { title: "Prompt", class: "number optional", of: (row) => number(row.prompt_tokens) },
          { title: "Cached", class: "number optional", of: (row) => number(row.cached_tokens) },
          { title: "Written to cache", class: "number optional", of: (row) => number(row.cache_write_tokens) },
          { title: "Completion", class: "number optional", of: (row) => number(row.completion_tokens) },
          { title: "Cost", class: "number", of: (row) => money(row.cost) },
        ], found.rows),
        found.instead.ptu.length === 0 ? "" : element("h2", {}, "As provisioned throughput"),
        found.instead.ptu.length === 0 ? "" : table([
          { title: "Model", of: (row) => row.model },
          { title: "PTU", class: "number", of: (row) => number(row.ptu) },
          { title: "Utilization", class: "number", of: (row) => `${number(row.utilization * 100, 1)} %` },
          { title: "A month", class: "number", of: (row) => money(row.per_month) },
        ], found.instead.ptu));
    },
  };
}
