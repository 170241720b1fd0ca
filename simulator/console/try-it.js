// "Try it": a prompt, plain or streamed, with its tokens and times.

import { call } from "./api.js";
import { element, number } from "./dom.js";
import { addressOf, choice, served, usual } from "./served.js";

export function tryIt(part, show, attempt) {
  const deployment = element("input", { id: "deployment", list: "deployments", autocomplete: "off", "aria-label": "Deployment" });
  const known = element("datalist", { id: "deployments" });
  const where = element("span");
  let resource = "";
  const prompt = element("textarea", { id: "prompt", "aria-label": "Prompt" });
  prompt.value = "What is the capital of France?";
  const streamed = element("input", { type: "checkbox", id: "streamed", checked: true });
  const answer = element("pre", { id: "answer", "aria-live": "polite" });
  const facts = element("p", { id: "facts", class: "hint" });
  const send = element("button", { class: "primary", id: "send", onclick: () => run() }, "Send");
  part.append(element("div", { class: "row" }, where, deployment, known, element("label", { for: "streamed" }, streamed, " streamed"), send), prompt, answer, facts);

  attempt(async () => {
    const { resources, names } = await served();
    const chosen = (name) => {
      resource = name;
      known.replaceChildren(...names(name).map((value) => element("option", { value })));
      deployment.value = usual(names(name));
    };
    where.replaceWith(choice(resources, chosen));
    chosen(resources[0] ?? "");
  })();

  async function run() {
    send.disabled = true;
    answer.textContent = "";
    facts.className = "hint";
    const began = performance.now();
    const body = { messages: [{ role: "user", content: prompt.value }], ...(streamed.checked ? { stream: true, stream_options: { include_usage: true } } : {}) };
    const path = `${addressOf(resource)}/openai/deployments/${encodeURIComponent(deployment.value)}/chat/completions?api-version=2024-10-21`;
    try {
      const response = await call(path, { method: "POST", json: body });
      const { first, usage } = streamed.checked ? await read(response, answer, began) : await whole(response, answer);
      const seconds = (performance.now() - began) / 1000;
      facts.textContent = `${usage ? `${number(usage.prompt_tokens)} + ${number(usage.completion_tokens)} tokens, ` : ""}` +
        `${first === null ? "" : `first token after ${number(first)} ms, `}${number(seconds, 2)} s`;
    } catch (error) {
      facts.textContent = error.message;
      facts.className = "bad";
    }
    send.disabled = false;
  }
  return {};
}

async function whole(response, place) {
  const document = await response.json();
  place.textContent = document.choices[0].message.content;
  return { first: null, usage: document.usage };
}

// Not every browser iterates over a stream.
async function* pieces(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) yield piece.value;
}

async function read(response, place, began) {
  let first = null;
  let usage = null;
  let rest = "";
  for await (const piece of pieces(response.body)) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      if (!line.startsWith("data: {")) continue;
      const event = JSON.parse(line.slice(6));
      if (event.error) throw new Error(event.error.message);
      const delta = event.choices?.[0]?.delta?.content;
      if (delta) {
        first ??= performance.now() - began;
        place.append(delta);
      }
      usage = event.usage ?? usage;
    }
  }
  return { first, usage };
}
