// What people build with OpenAI's package for Node.js. Arguments: the address, the key and a WAV file
// in base64. What was made is written to the standard output, as JSON for each family of routes.
import OpenAI, { AzureOpenAI, toFile } from "openai";

const [address, apiKey, sound] = process.argv.slice(2);
const messages = [{ role: "user", content: "The weather in Rome?" }];
const schema = {
  type: "object",
  properties: { name: { type: "string" }, price: { type: "number" } },
  required: ["name", "price"],
  additionalProperties: false,
};
const tools = [
  {
    type: "function",
    function: {
      name: "get_weather",
      description: "The weather at a place",
      parameters: {
        type: "object",
        properties: { place: { type: "string" } },
        required: ["place"],
      },
    },
  },
];

async function chat(client) {
  const made = await client.chat.completions.create({ model: "gpt-4o", messages, max_tokens: 9 });
  return { tokens: made.usage.completion_tokens, finish: made.choices[0].finish_reason };
}

async function streamed(client) {
  const runner = client.chat.completions.stream({ model: "gpt-4o", messages });
  let text = "";
  runner.on("content", (delta) => (text += delta));
  return { whole: (await runner.finalContent()) === text && text.length > 0 };
}

async function structured(client) {
  const made = await client.chat.completions.create({
    model: "gpt-4o",
    messages,
    response_format: { type: "json_schema", json_schema: { name: "item", schema, strict: true } },
  });
  return JSON.parse(made.choices[0].message.content);
}

async function agent(client) {
  const called = [];
  const runner = client.chat.completions.runTools({
    model: "gpt-4o",
    messages,
    tools: tools.map((tool) => ({
      ...tool,
      function: {
        ...tool.function,
        parse: JSON.parse,
        function: ({ place }) => {
          called.push(typeof place);
          return "It rains.";
        },
      },
    })),
  });
  return { called, answered: (await runner.finalContent()).length > 0 };
}

async function embeddings(client) {
  const made = await client.embeddings.create({ model: "text-embedding-3-small", input: ["a"] });
  const length = Math.hypot(...made.data[0].embedding);
  return { size: made.data[0].embedding.length, unit: Math.abs(length - 1) < 1e-5 };
}

async function transcription(client) {
  const file = await toFile(Buffer.from(sound, "base64"), "a.wav");
  const made = await client.audio.transcriptions.create({ model: "my-whisper", file });
  return { words: made.text.split(" ").length };
}

async function image(client) {
  const made = await client.images.generate({ model: "my-dall-e-3", prompt: "A lamp" });
  const fetched = await fetch(made.data[0].url);
  return { type: fetched.headers.get("content-type") };
}

async function refusal(client) {
  try {
    await client.chat.completions.create({ model: "gpt-4o", messages, temperature: 3 });
  } catch (error) {
    return { name: error.constructor.name, status: error.status, param: error.param };
  }
}

async function response(client) {
  const stream = await client.responses.create({ model: "gpt-4o", input: "hi", stream: true });
  const types = [];
  for await (const event of stream) types.push(event.type);
  return { first: types[0], last: types.at(-1) };
}

async function blocked(client) {
  const content = "Hi [[filter:jailbreak]]";
  try {
    await client.chat.completions.create({ model: "gpt-4o", messages: [{ role: "user", content }] });
  } catch (error) {
    const found = error.error.innererror.content_filter_result.jailbreak;
    return { name: error.constructor.name, code: error.code, found };
  }
}

async function filtered(client) {
  const content = "Hi [[filter:completion:hate=medium]]";
  const asked = { model: "gpt-4o", messages: [{ role: "user", content }] };
  const plain = await client.chat.completions.create(asked);
  const finishes = [plain.choices[0].finish_reason];
  for await (const chunk of await client.chat.completions.create({ ...asked, stream: true })) {
    finishes.push(...chunk.choices.map((choice) => choice.finish_reason).filter(Boolean));
  }
  const response = await client.responses.create({ model: "gpt-4o", input: content });
  return { finishes, status: response.status, reason: response.incomplete_details.reason };
}

async function conversation(client) {
  const made = await client.conversations.create({ items: [{ role: "user", content: "Hi" }] });
  const asked = { model: "gpt-4o", input: "And you?", conversation: made.id };
  const { model, input } = asked;
  const counted = await client.responses.inputTokens.count(asked);
  const answer = await client.responses.create(asked);
  const roles = [];
  for await (const item of client.conversations.items.list(made.id, { order: "asc", limit: 2 })) {
    roles.push(item.role);
  }
  const compacted = await client.responses.compact({ model, input });
  const { deleted } = await client.conversations.delete(made.id);
  const same = counted.input_tokens === answer.usage.input_tokens;
  return { roles, same, compacted: compacted.output.map((item) => item.type), deleted };
}

async function stored(client) {
  const metadata = { from: "node" };
  const made = await client.chat.completions.create({ model: "gpt-4o", messages, store: true, metadata });
  const listed = [];
  for await (const one of client.chat.completions.list({ metadata, limit: 1 })) listed.push(one.id);
  const said = [];
  for await (const one of client.chat.completions.messages.list(made.id)) said.push(one.content);
  const changed = await client.chat.completions.update(made.id, { metadata: { a: "b" } });
  const { deleted } = await client.chat.completions.delete(made.id);
  return { found: listed.includes(made.id), said, metadata: changed.metadata, deleted };
}

const DEEDS = { chat, streamed, structured, agent, embeddings, transcription, image, refusal };
const clients = {
  v1: new OpenAI({ baseURL: `${address}/openai/v1/`, apiKey, maxRetries: 0 }),
  dated: new AzureOpenAI({
    endpoint: address,
    apiKey,
    apiVersion: "2025-04-01-preview",
    maxRetries: 0,
  }),
};
const told = {};
for (const [family, client] of Object.entries(clients)) {
  told[family] = {};
  const only = family === "v1" ? { conversation } : {};
  const deeds = { ...DEEDS, response, blocked, filtered, stored, ...only };
  for (const [name, deed] of Object.entries(deeds)) {
    told[family][name] = await deed(client);
  }
}
console.log(JSON.stringify(told));
// Otherwise Node.js waits for its idle connections.
process.exit();
