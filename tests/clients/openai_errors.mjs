// The mistakes that apps make, by OpenAI's package for Node.js: what each raises, as JSON.
//   node openai_errors.mjs URL KEY
import OpenAI, { AzureOpenAI, toFile } from "openai";

const [url, key] = process.argv.slice(2);
const options = { maxRetries: 0, timeout: 30_000 };
const v1 = new OpenAI({ baseURL: `${url}/openai/v1`, apiKey: key, ...options });
const dated = (apiVersion) => new AzureOpenAI({ endpoint: url, apiKey: key, apiVersion, ...options });
const old = dated("2024-10-21");
const messages = [{ role: "user", content: "Hi" }];
const chat = (client, body = {}) => client.chat.completions.create({ model: "gpt-4o", messages, ...body });
const file = (text, name) => toFile(Buffer.from(text), name);

const MISTAKES = {
  "no content": () => chat(v1, { messages: [{ role: "user", content: undefined }] }),
  "no messages": () => chat(v1, { messages: [] }),
  "another role": () => chat(v1, { messages: [{ role: "bot", content: "Hi" }] }),
  "a part of Responses": () => chat(v1, { messages: [{ role: "user", content: [{ type: "input_text", text: "Hi" }] }] }),
  "too hot": () => chat(old, { temperature: 2.1 }),
  "too hot, streamed": () => chat(old, { temperature: 2.1, stream: true }),
  "an unknown parameter": () => chat(v1, { colour: "red" }),
  "no such deployment": () => chat(old, { model: "grok-9" }),
  "no model": () => v1.chat.completions.create({ messages }),
  "no such version": () => chat(dated("2024-13-01")),
  "no chat model": () => chat(v1, { model: "text-embedding-3-small" }),
  "no input": () => v1.embeddings.create({ model: "text-embedding-3-small" }),
  "too many dimensions": () => v1.embeddings.create({ model: "text-embedding-3-small", input: "Hi", dimensions: 4000 }),
  "messages for Responses": () => v1.responses.create({ model: "gpt-4o", messages }),
  "an item without a role": () => v1.responses.create({ model: "gpt-4o", input: [{}] }),
  "no such response": () => v1.responses.retrieve("resp_none"),
  "no response's id": () => v1.responses.retrieve("x/../y"),
  "no such conversation": () => v1.responses.create({ model: "gpt-4o", input: "Hi", conversation: "conv_none" }),
  "no such file": () => v1.files.retrieve("file-none"),
  "no such batch": () => v1.batches.retrieve("batch_none"),
  "no file of the batch": () => v1.batches.create({ input_file_id: "file-none", endpoint: "/v1/chat/completions", completion_window: "24h" }),
  "no upload": () => v1.uploads.complete("upload_none", { part_ids: ["part_1"] }),
  "no completion": () => v1.chat.completions.retrieve("chatcmpl-none"),
  "no sound": async () => v1.audio.transcriptions.create({ model: "whisper", file: await file("none", "a.txt") }),
  "no voice": () => v1.audio.speech.create({ model: "tts", input: "Hi", voice: "none" }),
  "no size": () => v1.images.generate({ model: "gpt-image-1", prompt: "Hi", size: "1x1" }),
  "no picture": async () => v1.images.edit({ model: "gpt-image-1", prompt: "Hi", image: await file("none", "a.png") }),
  "not served": () => v1.moderations.create({ input: "Hi" }),
  "another method": () => v1.models.delete("gpt-4o"),
  "a wrong key": () => chat(new AzureOpenAI({ endpoint: url, apiKey: "none", apiVersion: "2024-10-21", ...options })),
  "a wrong token": () => chat(new OpenAI({ baseURL: `${url}/openai/v1`, apiKey: "none", ...options })),
  "a wrong address": () => chat(new OpenAI({ baseURL: `${url}/v1`, apiKey: key, ...options })),
};

async function raised(mistake) {
  try {
    await mistake();
  } catch (error) {
    const { status, code, param } = error;
    return [error instanceof OpenAI.APIError ? error.constructor.name : String(error), status, code ?? null, param ?? null];
  }
  return null;
}

const found = await Promise.all(Object.entries(MISTAKES).map(async ([name, mistake]) => [name, await raised(mistake)]));
console.log(JSON.stringify(Object.fromEntries(found)));
