// OpenAI's package for Node.js with its own retries. Arguments: the address and the key.
import { AzureOpenAI } from "openai";

const [endpoint, apiKey] = process.argv.slice(2);
const client = new AzureOpenAI({ endpoint, apiKey, apiVersion: "2024-10-21" });
const messages = [{ role: "user", content: "Hi" }];

await client.chat.completions.create({ model: "gpt-4o", messages });
const stream = await client.chat.completions.create({ model: "gpt-4o", messages, stream: true });
for await (const event of stream) void event;
