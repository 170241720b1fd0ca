// "Rules": the scenario of a fleet, the rules in force, switched on and off, and new ones as JSON.

import { json } from "./api.js";
import { element, number, table } from "./dom.js";
import { scenario } from "./scenario.js";

const EXAMPLE = JSON.stringify({ rules: [{ name: "two", when: { deployment: "gpt-4o" }, fault: { kind: "rate_limit", retry_after: 1 }, times: 2 }] }, null, 2);
const OWN = new Set(["name", "source", "matched", "acted", "left", "enabled"]);

export function rules(part) {
  const list = element("div", { id: "rules" });
  const outcome = element("p", { role: "status", id: "outcome" });
  const input = element("textarea", { id: "rule", "aria-label": "Rules as JSON", spellcheck: "false" });
  input.value = sessionStorage.getItem("rule-draft") ?? EXAMPLE;
  sessionStorage.removeItem("rule-draft");
  const add = element("button", { class: "primary", onclick: () => act(() => json("/++/rules", { method: "POST", json: JSON.parse(input.value) })) }, "Add");
  const clear = element("button", { onclick: () => act(() => json("/++/rules", { method: "DELETE" })) }, "Delete all that came over HTTP");
  const clock = scenario(act);
  part.append(clock.place, list, element("h2", {}, "Add rules"), input, element("div", { class: "row" }, add, clear), outcome);

  async function act(what) {
    outcome.textContent = ""; // that of the action before is not taken for this one's, and is read out anew
    try {
      await what();
      outcome.textContent = "Done.";
      outcome.className = "good";
    } catch (error) {
      outcome.textContent = error.message;
      outcome.className = "bad";
    }
    await refresh();
  }

  async function refresh() {
    await clock.refresh();
    const { rules: all } = await json("/++/rules");
    const focused = document.activeElement?.getAttribute("aria-label");
    if (all.length === 0) {
      list.replaceChildren(element("p", { class: "hint" }, "No rules: every request is answered as usual."));
      return;
    }
    const remove = (rule) => element("button", {
      "aria-label": `Delete ${rule.name}`, disabled: rule.source !== "http",
      onclick: () => act(() => json(`/++/rules/${encodeURIComponent(rule.name)}`, { method: "DELETE" })),
    }, "Delete");
    const toggle = (rule) => element("input", {
      type: "checkbox", checked: rule.enabled !== false, "aria-label": `${rule.name} is on`,
      onchange: (event) => act(() => json(`/++/rules/${encodeURIComponent(rule.name)}`, { method: "PATCH", json: { enabled: event.target.checked } })),
    });
    const rest = (rule) => JSON.stringify(Object.fromEntries(Object.entries(rule).filter(([name]) => !OWN.has(name))));
    list.replaceChildren(table([
      { title: "On", of: toggle },
      { title: "Name", of: (rule) => rule.name },
      { title: "From", class: "optional", of: (rule) => rule.source },
      { title: "Rule", of: (rule) => element("code", {}, rest(rule)) },
      { title: "Matched", class: "number", of: (rule) => number(rule.matched) },
      { title: "Acted", class: "number", of: (rule) => number(rule.acted) },
      { title: "", of: remove },
    ], all, () => ({ class: "stacked" })));
    if (focused) list.querySelector(`[aria-label="${CSS.escape(focused)}"]`)?.focus();
  }
  return { refresh };
}
