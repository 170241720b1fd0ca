// npm install @langchain/openai @langchain/core
// LangChain.js has names of its own for the environment; the endpoint is its base path.
import { AzureChatOpenAI } from "@langchain/openai";

const model = new AzureChatOpenAI({
  model: "gpt-4o",
  azureOpenAIApiKey: process.env.AZURE_OPENAI_API_KEY,
  azureOpenAIEndpoint: process.env.AZURE_OPENAI_ENDPOINT,
  azureOpenAIApiDeploymentName: "gpt-4o",
  azureOpenAIApiVersion: process.env.OPENAI_API_VERSION,
  maxTokens: 20,
});
console.log((await model.invoke("What is Azure?")).content);
