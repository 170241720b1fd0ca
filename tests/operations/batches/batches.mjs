// A batch as OpenAI's package for Node.js makes one, in both families of routes.
import OpenAI, { AzureOpenAI, toFile } from "openai";

const [server, apiKey] = process.argv.slice(2);
const clients = {
  v1: new OpenAI({ baseURL: `${server}/openai/v1/`, apiKey, maxRetries: 0 }),
  dated: new AzureOpenAI({ endpoint: server, apiKey, apiVersion: "2025-03-01-preview", maxRetries: 0 }),
};

async function told(client) {
  const lines = ["one", "two"].map((custom_id) =>
    JSON.stringify({
      custom_id,
      method: "POST",
      url: "/v1/chat/completions",
      body: { model: "gpt-5-mini", messages: [{ role: "user", content: custom_id }] },
    }),
  );
  const file = await client.files.create({
    file: await toFile(Buffer.from(lines.join("\n")), "lines.jsonl"),
    purpose: "batch",
  });
  const made = await client.batches.create({
    input_file_id: file.id,
    endpoint: "/v1/chat/completions",
    completion_window: "24h",
  });
  const done = await client.batches.retrieve(made.id);
  const output = await (await client.files.content(done.output_file_id)).text();
  const listed = [];
  for await (const batch of client.batches.list({ limit: 1 })) listed.push(batch.id);
  return {
    statuses: [made.status, done.status],
    counts: done.request_counts,
    answered: output.trim().split("\n").map((line) => JSON.parse(line).custom_id),
    listed: listed.includes(made.id),
  };
}

const found = {};
for (const [family, client] of Object.entries(clients)) found[family] = await told(client);
console.log(JSON.stringify(found));
