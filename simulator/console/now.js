// "Now": five minutes of lines, and each deployment with its limits as they fill.

import uPlot from "./uPlot.js";
import { json } from "./api.js";
import { element, number, percentile, table } from "./dom.js";
import { WINDOW, gathered } from "./entries.js";

const ALL = "all deployments";
const MINUTE = 60;
const MOST_NAMES = 100;

export function now(part) {
  const tiles = element("div", { class: "tiles" });
  const which = element("select", { id: "which", "aria-label": "Deployment of the lines" }, element("option", {}, ALL));
  const rates = element("div", { class: "chart", id: "rates" });
  const times = element("div", { class: "chart", id: "times" });
  const limits = element("div", { id: "limits" });
  part.append(tiles,
    element("div", { class: "row" }, element("label", { for: "which" }, "Lines of"), which),
    element("div", { class: "pair" },
      element("div", {}, element("h2", {}, "Requests per second"), rates),
      element("div", {}, element("h2", {}, "Milliseconds"), times)),
    element("h2", {}, "Deployments, last minute"), limits);
  const charts = [
    chart(rates, ["requests", "429"], ["#4a90d9", "#d9902f"], 5),
    chart(times, ["p50", "p95", "first token p50", "first token p95"], ["#4a90d9", "#9b59b6", "#2fa36b", "#b8862b"], 100),
  ];
  async function refresh() {
    const entries = await gathered();
    tiles.replaceChildren(...summary(lastMinute(entries)));
    const groups = grouped(lastMinute(entries));
    limits.replaceChildren(filling(groups, await limitsOf(groups)));
    offer(which, [...grouped(entries).keys()]);
    const series = bySecond(entries.filter((entry) => which.value === ALL || nameOf(entry) === which.value));
    charts[0].setData([series.seconds, series.requests, series.refused]);
    charts[1].setData([series.seconds, series.p50, series.p95, series.first50, series.first95]);
  }
  which.addEventListener("change", refresh);
  return { refresh };
}

// Lines from zero up to at least a number, so that a quiet chart does not look like a full one.
function chart(place, labels, colours, least) {
  const style = getComputedStyle(document.documentElement);
  const quiet = style.getPropertyValue("--quiet");
  const line = { stroke: style.getPropertyValue("--line"), width: 1 };
  const axis = { stroke: quiet, grid: line, ticks: line };
  const time = { ...axis, space: 44, incrs: [MINUTE, 5 * MINUTE], values: (_, seconds) => seconds.map(clock) };
  const series = labels.map((label, index) => ({ label, stroke: colours[index], spanGaps: true, width: 2 }));
  const width = () => Math.max(240, place.clientWidth);
  const made = new uPlot(
    { width: width(), height: 170, scales: { y: { range: (_, low, high) => [0, 1.05 * Math.max(high ?? 0, least)] } }, series: [{}, ...series], axes: [time, { ...axis, size: 60 }], cursor: { show: false }, legend: { live: false } },
    [[], ...labels.map(() => [])], place);
  addEventListener("resize", () => made.setSize({ width: width(), height: 170 }));
  return made;
}

const clock = (second) => new Date(second * 1000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

function offer(which, names) {
  const wanted = [ALL, ...names.sort().slice(0, MOST_NAMES)];
  const chosen = which.value;
  if (!wanted.includes(chosen)) wanted.push(chosen);
  if (wanted.join("\n") === [...which.options].map((option) => option.value).join("\n")) return;
  which.replaceChildren(...wanted.map((name) => element("option", { selected: name === chosen }, name)));
}

function summary(minute) {
  const refused = minute.filter((entry) => entry.status === 429).length;
  const failed = minute.filter((entry) => entry.status >= 400 && entry.status !== 429).length;
  const tokens = minute.reduce((sum, entry) => sum + used(entry), 0);
  const facts = [["requests in the last minute", minute.length], ["429", refused, "warn"], ["other errors", failed, "bad"], ["tokens", tokens]];
  return facts.map(([label, value, colour]) =>
    element("div", { class: "tile" }, element("b", { class: value ? colour : undefined }, number(value)), element("span", {}, label)));
}

const lastMinute = (entries) => entries.filter((entry) => entry.at > Date.now() / 1000 - MINUTE);
const used = (entry) => (entry.status < 300 ? (entry.prompt_tokens ?? 0) + (entry.completion_tokens ?? 0) : 0);

// In a fleet, deployments of several resources have the same name.
const nameOf = ({ resource, deployment }) => (resource ? `${resource}/${deployment}` : deployment);

function grouped(entries) {
  const groups = new Map();
  for (const entry of entries) {
    if (!entry.deployment) continue;
    const name = nameOf(entry);
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(entry);
  }
  return groups;
}

// What the limits themselves have counted, of the deployments that were called in the last minute.
async function limitsOf(groups) {
  const names = [...new Set([...groups.values()].map(([entry]) => entry.deployment))].slice(0, MOST_NAMES);
  if (names.length === 0) return {};
  const { limits } = await json(`/++/limits?deployment=${names.map(encodeURIComponent).join(",")}`);
  return Object.fromEntries(limits.map((row) => [nameOf(row), row]));
}

function filling(groups, limits) {
  if (groups.size === 0) return element("p", { class: "hint" }, "No requests in the last minute.");
  const rows = [...groups.keys()].sort().slice(0, MOST_NAMES).map((name) => {
    const own = groups.get(name);
    const answered = own.filter((entry) => entry.status < 300);
    return { name, limits: limits[name] ?? {}, all: own.length, requests: answered.length,
      tokens: own.reduce((sum, entry) => sum + used(entry), 0), refused: own.filter((entry) => entry.status === 429).length,
      durations: answered.map((entry) => entry.duration_ms), firsts: firstsOf(answered) };
  });
  const pair = (values) => `${number(percentile(values, 0.5))} / ${number(percentile(values, 0.95))}`;
  return table([
    { title: "Deployment", of: (row) => row.name },
    { title: "Tokens", of: (row) => gauge(row.limits.tokens, row.tokens) },
    { title: "Requests", of: (row) => gauge(row.limits.requests, row.requests) },
    ...(rows.some((row) => row.limits.utilization !== undefined) ? [{ title: "Utilization", of: (row) => utilization(row.limits) }] : []),
    { title: "Per second", class: "number", of: (row) => number(row.all / MINUTE, 2) },
    { title: "429 per second", class: "number", of: (row) => number(row.refused / MINUTE, 2) },
    { title: "ms p50 / p95", class: "number optional", of: (row) => pair(row.durations) },
    { title: "First token", class: "number optional", of: (row) => pair(row.firsts) },
  ], rows);
}

const firstsOf = (entries) => entries.map((entry) => entry.first_token_ms).filter((value) => value !== undefined);

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
  const series = { seconds: [], requests: [], refused: [], p50: [], p95: [], first50: [], first95: [] };
  for (let second = last - WINDOW; second <= last; second++) {
    const bucket = buckets.get(second) ?? [];
    const durations = bucket.filter((entry) => entry.status < 300).map((entry) => entry.duration_ms);
    const firsts = firstsOf(bucket);
    series.seconds.push(second);
    series.requests.push(bucket.length);
    series.refused.push(bucket.filter((entry) => entry.status === 429).length);
    series.p50.push(percentile(durations, 0.5));
    series.p95.push(percentile(durations, 0.95));
    series.first50.push(percentile(firsts, 0.5));
    series.first95.push(percentile(firsts, 0.95));
  }
  return series;
}
