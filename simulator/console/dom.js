// Elements from data. Text is always set as text, so nothing that a client sent becomes markup.

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

export function table(columns, rows, attributes = () => ({})) {
  const head = columns.map((column) => element("th", { scope: "col", class: column.class }, column.title));
  const body = rows.map((row) =>
    element("tr", attributes(row), columns.map((column) => element("td", { class: column.class, "data-title": column.title }, column.of(row) ?? ""))),
  );
  return element("div", { class: "wide" },
    element("table", {}, element("thead", {}, element("tr", {}, head)), element("tbody", {}, body)));
}

export const number = (value, digits = 0) =>
  value === null || value === undefined ? "–" : value.toLocaleString("en", { maximumFractionDigits: digits });

export function percentile(values, share) {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

export const statusClass = (status) => (status < 300 ? "good" : status === 429 ? "warn" : "bad");
