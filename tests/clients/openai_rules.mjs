// What rules decide, as OpenAI's package for Node.js has it. Arguments: the address, the key, and the
// rules of the failures as JSON, by name. What came of each is written to the standard output, as JSON
// for each family of routes.
import OpenAI, { AzureOpenAI } from "openai";

const [address, apiKey, failures] = process.argv.slice(2);
const messages = [{ role: "user", content: "Describe Rome." }];
const asked = { model: "gpt-4o", messages };
const schema = {
  type: "object",
  properties: { name: { type: "string" }, inhabitants: { type: "integer" } },
  required: ["name", "inhabitants"],
  additionalProperties: false,
};
const rome = { name: "Rome", inhabitants: 2750000 };

const by = (rule) => ({ headers: { "x-simulator-rule": JSON.stringify(rule) } });

async function plain(client) {
  const made = await client.chat.completions.create(asked, by({ reply: "An old city." }));
  return made.choices[0].message.content;
}

async function streamed(client) {
  const runner = client.chat.completions.stream(asked, by({ reply: "An old city." }));
  const parts = [];
  runner.on("content", (delta) => parts.push(delta));
  const text = await runner.finalContent();
  return { text, whole: parts.join("") === text, several: parts.length > 1 };
}

async function parsed(client) {
  const response_format = { type: "json_schema", json_schema: { name: "city", schema, strict: true } };
  const made = await client.chat.completions.parse({ ...asked, response_format }, by({ reply: rome }));
  return made.choices[0].message.parsed;
}

async function response(client) {
  const request = { model: "gpt-4o", input: "Describe Rome." };
  const whole = await client.responses.create(request, by({ reply: "An old city." }));
  const text = { format: { type: "json_schema", name: "city", schema, strict: true } };
  const made = await client.responses.parse({ ...request, text }, by({ reply: rome }));
  const runner = client.responses.stream(request, by({ reply: "An old city." }));
  const last = await runner.finalResponse();
  return { plain: whole.output_text, streamed: last.output_text, parsed: made.output_parsed };
}

async function raised(client, rule, stream) {
  let events = 0;
  try {
    const made = await client.chat.completions.create({ ...asked, stream }, by(rule));
    if (stream) for await (const event of made) events += event.choices.length;
  } catch (error) {
    const { status = null, code = null } = error;
    return { name: error.constructor.name, status, code, events: events > 0 };
  }
  return null;
}

const clients = {
  v1: new OpenAI({ baseURL: `${address}/openai/v1/`, apiKey, maxRetries: 0 }),
  dated: new AzureOpenAI({
    endpoint: address,
    apiKey,
    apiVersion: "2025-04-01-preview",
    maxRetries: 0,
  }),
};
const made = {};
for (const [family, client] of Object.entries(clients)) {
  made[family] = { plain: {}, streamed: {} };
  for (const [name, deed] of Object.entries({ plain, streamed, parsed, response })) {
    made[family][`answer ${name}`] = await deed(client);
  }
  for (const [name, rule] of Object.entries(JSON.parse(failures))) {
    made[family].plain[name] = await raised(client, rule, false);
    made[family].streamed[name] = await raised(client, rule, true);
  }
}
console.log(JSON.stringify(made));
// Otherwise Node.js waits for its idle connections.
process.exit();
