// "Now": the limits of deployments as they fill, and five minutes of lines.

import uPlot from "./uPlot.js";
import { json } from "./api.js";
import { element, number, percentile, table } from "./dom.js";

const WINDOW = 300;

export function now(part) {
  const tiles = element("div", { class: "tiles" });
  const rates = element("div", { class: "chart", id: "rates" });
  const times = element("div", { class: "chart", id: "times" });
  const limits = element("div", { id: "limits" });
  part.append(tiles, element("h2", {}, "Limits, last minute"), limits,
    element("h2", {}, "Requests per second"), rates, element("h2", {}, "Milliseconds"), times);
  const charts = [
    chart(rates, ["requests", "429"], ["#4a90d9", "#d9902f"]),
    chart(times, ["duration p50", "duration p95", "first token p50"], ["#4a90d9", "#9b59b6", "#2fa36b"]),
  ];
  return {
    async refresh() {
      const since = Date.now() / 1000 - WINDOW;
      const { requests } = await json(`/++/requests?since=${since}&limit=1000`);
      const entries = requests.map((entry) => ({ ...entry, at: Date.parse(entry.time) / 1000 }));
      tiles.replaceChildren(...summary(entries));
      limits.replaceChildren(filling(entries, await limitsOf(entries)));
      const series = bySecond(entries);
      charts[0].setData([series.seconds, series.requests, series.refused]);
      charts[1].setData([series.seconds, series.p50, series.p95, series.first]);
    },
  };
}

function chart(place, labels, colours) {
  const style = getComputedStyle(document.documentElement);
  const quiet = style.getPropertyValue("--quiet");
  const axis = { stroke: quiet, grid: { stroke: style.getPropertyValue("--line") } };
  const series = labels.map((label, index) => ({ label, stroke: colours[index], spanGaps: true, width: 2 }));
  const width = () => Math.max(240, place.clientWidth);
  const made = new uPlot(
    { width: width(), height: 170, series: [{}, ...series], axes: [axis, { ...axis, size: 60 }], cursor: { show: false } },
    [[], ...labels.map(() => [])], place);
  addEventListener("resize", () => made.setSize({ width: width(), height: 170 }));
  return made;
}

function summary(entries) {
  const minute = lastMinute(entries);
  const refused = minute.filter((entry) => entry.status === 429).length;
  const failed = minute.filter((entry) => entry.status >= 400 && entry.status !== 429).length;
  const tokens = minute.reduce((sum, entry) => sum + used(entry), 0);
  const facts = [["requests in the last minute", minute.length], ["429", refused], ["other errors", failed], ["tokens", tokens]];
  return facts.map(([label, value]) => element("div", { class: "tile" }, element("b", {}, number(value)), element("span", {}, label)));
}

const lastMinute = (entries) => entries.filter((entry) => entry.at > Date.now() / 1000 - 60);
const used = (entry) => (entry.status < 300 ? (entry.prompt_tokens ?? 0) + (entry.completion_tokens ?? 0) : 0);

const namesIn = (entries) => [...new Set(lastMinute(entries).map((entry) => entry.deployment).filter(Boolean))].sort().slice(0, 100);

// What the limits themselves have counted, of the deployments that were called in the last minute.
async function limitsOf(entries) {
  const names = namesIn(entries);
  if (names.length === 0) return {};
  const { limits } = await json(`/++/limits?deployment=${names.map(encodeURIComponent).join(",")}`);
  return Object.fromEntries(limits.map((row) => [row.deployment, row]));
}

function filling(entries, limits) {
  const minute = lastMinute(entries);
  const rows = namesIn(entries).map((name) => {
    const own = minute.filter((entry) => entry.deployment === name);
    const answered = own.filter((entry) => entry.status < 300);
    return { name, limits: limits[name] ?? {}, requests: answered.length,
      tokens: own.reduce((sum, entry) => sum + used(entry), 0), refused: own.filter((entry) => entry.status === 429).length };
  });
  if (rows.length === 0) return element("p", { class: "hint" }, "No requests in the last minute.");
  return table([
    { title: "Deployment", of: (row) => row.name },
    { title: "Tokens", of: (row) => gauge(row.limits.tokens, row.tokens) },
    { title: "Requests", of: (row) => gauge(row.limits.requests, row.requests) },
    { title: "Utilization", of: (row) => utilization(row.limits) },
    { title: "429", class: "number", of: (row) => number(row.refused) },
  ], rows);
}

function gauge(counted, seen) {
  if (!counted) return `${number(seen)}, no limit`;
  return meter(counted.used, counted.limit, `${number(counted.used)} of ${number(counted.limit)}`);
}

function utilization({ utilization: share, ptu }) {
  if (share === undefined) return "";
  return meter(share, 1, `${number(share * 100, 1)} % of ${number(ptu)} PTU`);
}

function meter(value, limit, label) {
  const bar = element("meter", { min: 0, max: limit, value: Math.min(value, limit), high: limit * 0.9, "aria-label": label });
  return element("div", {}, bar, element("div", { class: "hint" }, label));
}

function bySecond(entries) {
  const last = Math.floor(Date.now() / 1000);
  const buckets = new Map();
  for (const entry of entries) {
    const second = Math.floor(entry.at);
    if (!buckets.has(second)) buckets.set(second, []);
    buckets.get(second).push(entry);
  }
  const series = { seconds: [], requests: [], refused: [], p50: [], p95: [], first: [] };
  for (let second = last - WINDOW; second <= last; second++) {
    const bucket = buckets.get(second) ?? [];
    const durations = bucket.map((entry) => entry.duration_ms);
    const firsts = bucket.map((entry) => entry.first_token_ms).filter((value) => value !== undefined);
    series.seconds.push(second);
    series.requests.push(bucket.length);
    series.refused.push(bucket.filter((entry) => entry.status === 429).length);
    series.p50.push(percentile(durations, 0.5));
    series.p95.push(percentile(durations, 0.95));
    series.first.push(percentile(firsts, 0.5));
  }
  return series;
}
