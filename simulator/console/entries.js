// The requests of the last five minutes, as far as the page has seen them: more than the journal keeps, under load.

import { json } from "./api.js";

export const WINDOW = 300;
const PAGE = 500;
const PAGES = 4;
const MOST = 50_000;
let seen = [];
let newest = null;

// All of them, newest first, with those that came since the last call.
export async function gathered() {
  const { fresh, all } = await since(newest);
  seen = all && fresh.length === 0 ? [] : [...fresh, ...seen];
  newest = seen.length ? seen[0].id : null;
  const oldest = Date.now() / 1000 - WINDOW;
  seen = seen.slice(0, MOST).filter((entry) => entry.at + entry.duration_ms / 1000 > oldest);
  return seen;
}

export function forget() {
  seen = [];
  newest = null;
}

async function since(id) {
  const fresh = [];
  let after = "";
  for (let page = 0; page < PAGES; page++) {
    const { requests, next } = await json(`/++/requests?bodies=false&limit=${PAGE}${after}`);
    const known = requests.findIndex((entry) => entry.id === id);
    fresh.push(...requests.slice(0, known < 0 ? requests.length : known).map(timed));
    if (known >= 0) return { fresh, all: false };
    if (!next) return { fresh, all: true };
    after = `&after=${next}`;
  }
  return { fresh, all: false };
}

const timed = (entry) => ({ ...entry, at: Date.parse(entry.time) / 1000 });
