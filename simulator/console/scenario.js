// The scenario of a fleet: its state, its clock, what comes next; shown only where there is a timeline.

import { json } from "./api.js";
import { element } from "./dom.js";

export function scenario(act) {
  const facts = element("p", { id: "clock", role: "timer" });
  const next = element("pre", { id: "next", hidden: true });
  const post = (action) => () => act(() => json(`/++/scenario/${action}`, { method: "POST" }));
  const start = element("button", { class: "primary", onclick: post("start") }, "Start from 0");
  const stop = element("button", { onclick: post("stop") }, "Stop");
  const place = element("section", { id: "scenario", "aria-label": "Scenario", hidden: true },
    element("h2", {}, "Scenario"), facts, next, element("div", { class: "row" }, start, stop), element("h2", {}, "Rules"));

  async function refresh() {
    const found = await json("/++/scenario");
    place.hidden = found.state === "stopped" && !found.next;
    if (place.hidden) return;
    stop.disabled = found.state === "stopped";
    facts.textContent = `${found.state}, ${time(found.clock)}${found.next ? "" : ", nothing comes any more"}`;
    next.hidden = !found.next;
    if (found.next) {
      const { in: left, ...entry } = found.next;
      next.textContent = `next in ${time(left)}: ${JSON.stringify(entry)}`;
    }
  }
  return { place, refresh };
}

function time(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 3600)}:${String(Math.floor(whole / 60) % 60).padStart(2, "0")}:${String(whole % 60).padStart(2, "0")}`;
}
