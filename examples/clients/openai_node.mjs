// npm install openai
// The client for Azure reads AZURE_OPENAI_API_KEY and OPENAI_API_VERSION; it refuses an OPENAI_BASE_URL beside an
// endpoint, unless it is put out with null.
import { AzureOpenAI } from "openai";

const client = new AzureOpenAI({ endpoint: process.env.AZURE_OPENAI_ENDPOINT, baseURL: null });
const answer = await client.chat.completions.create({
  model: "gpt-4o",
  messages: [{ role: "user", content: "What is Azure?" }],
  max_tokens: 20,
});
console.log(answer.choices[0].message.content);
