// The frame of the console: the key, the tabs, and one refresh a second while the page can be seen.

import { Refused, call, key } from "./api.js";
import { element } from "./dom.js";
import { connect } from "./connect.js";
import { costs, verdict } from "./judgements.js";
import { now } from "./now.js";
import { recordings } from "./recordings.js";
import { requests } from "./requests.js";
import { rules } from "./rules.js";
import { tryIt } from "./try-it.js";

const PARTS = { now, requests, rules, verdict, costs, recordings, "try it": tryIt, connect };
const SECOND = 1000;
const PROBLEM_SHOWN = 5000;
const part = document.getElementById("part");
const state = document.getElementById("state");
const problem = document.getElementById("problem");
let open = null;
let shown = null;
let problemUntil = 0;

function show(name) {
  open = name;
  for (const tab of document.querySelectorAll("[role=tab]")) {
    tab.setAttribute("aria-selected", String(tab.dataset.part === name));
    tab.tabIndex = tab.dataset.part === name ? 0 : -1;
  }
  part.replaceChildren();
  part.setAttribute("aria-labelledby", `tab-${slug(name)}`);
  shown = PARTS[name](part, show, attempt);
  return refresh();
}

const slug = (name) => name.replaceAll(" ", "-");

// A handler of an event: what goes wrong in it is shown for some seconds.
const attempt = (act) => async (...given) => {
  try {
    await act(...given);
  } catch (error) {
    failed(error);
  }
};

function failed(error) {
  if (error instanceof Refused && error.status === 401) return askForKey("That key was refused.");
  problem.textContent = error.message;
  problem.hidden = false;
  problemUntil = Date.now() + PROBLEM_SHOWN;
  state.textContent = error instanceof Refused ? "Connected" : "The simulator cannot be reached";
}

async function refresh() {
  const current = shown;
  try {
    await current?.refresh?.();
    if (current?.refresh && Date.now() > problemUntil) problem.hidden = true;
    state.textContent = "Connected";
  } catch (error) {
    failed(error);
  }
}

function askForKey(why) {
  key.forget();
  shown = null;
  document.getElementById("app").hidden = true;
  document.getElementById("key-form").hidden = false;
  document.getElementById("key").focus();
  state.textContent = why;
}

async function enter() {
  try {
    await call("/++/requests?limit=1");
  } catch (error) {
    if (error instanceof Refused && error.status === 401) return askForKey("That key was refused.");
    if (error instanceof Refused && error.status === 403) return askForKey("That key may not read the journal: its role is user.");
    state.textContent = error instanceof Refused ? error.message : "The simulator cannot be reached";
    return setTimeout(enter, SECOND);
  }
  document.getElementById("key-form").hidden = true;
  document.getElementById("app").hidden = false;
  return show("now");
}

function tabs() {
  const names = Object.keys(PARTS);
  const made = names.map((name) =>
    element("button", { role: "tab", id: `tab-${slug(name)}`, "aria-controls": "part", "data-part": name, onclick: () => show(name) }, name[0].toUpperCase() + name.slice(1)));
  const bar = document.getElementById("tabs");
  bar.append(...made);
  bar.addEventListener("keydown", (event) => {
    const at = names.indexOf(open);
    const place = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    if (place === undefined) return;
    event.preventDefault();
    const next = names.at(place % names.length);
    show(next);
    made[names.indexOf(next)].focus();
  });
}

document.getElementById("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  key.set(document.getElementById("key").value);
  enter();
});

// The link that the start prints has the key behind the hash, which no server sees.
const given = new URLSearchParams(location.hash.slice(1)).get("key");
if (given) {
  key.set(given);
  history.replaceState(null, "", location.pathname);
}
tabs();
if (key.get()) enter();
else askForKey("Not connected");

async function everySecond() {
  if (shown && !document.hidden) await refresh();
  setTimeout(everySecond, SECOND);
}
setTimeout(everySecond, SECOND);
