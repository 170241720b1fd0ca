// npm install ai @ai-sdk/azure
// The Vercel AI SDK calls the v1 routes; so its base URL is that of the v1 routes.
import { createAzure } from "@ai-sdk/azure";
import { generateText } from "ai";

const azure = createAzure({
  baseURL: `${process.env.AZURE_OPENAI_ENDPOINT}/openai/v1`,
  apiKey: process.env.AZURE_OPENAI_API_KEY,
});
const { text } = await generateText({
  model: azure("gpt-4o"),
  prompt: "What is Azure?",
  maxOutputTokens: 20,
});
console.log(text);
