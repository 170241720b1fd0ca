// "Connect": snippets with this address.

import { element } from "./dom.js";

const SNIPPETS = (url) => ({
  "curl": `curl ${url}/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21 \\
  -H "api-key: $SIMULATOR_API_KEY" -H "content-type: application/json" \\
  -d '{"messages": [{"role": "user", "content": "Hi"}]}'`,
  "openai (v1)": `from openai import OpenAI
client = OpenAI(base_url="${url}/openai/v1/", api_key=key)`,
  "openai (AzureOpenAI)": `from openai import AzureOpenAI
client = AzureOpenAI(azure_endpoint="${url}", api_key=key, api_version="2024-10-21")`,
  "LangChain": `from langchain_openai import AzureChatOpenAI
model = AzureChatOpenAI(azure_endpoint="${url}", api_key=key,
                        azure_deployment="gpt-4o", api_version="2024-10-21")`,
  "semantic-kernel (needs --tls)": `from semantic_kernel.connectors.ai.open_ai import AzureChatCompletion
chat = AzureChatCompletion(endpoint="${url.replace("http:", "https:")}", api_key=key,
                           deployment_name="gpt-4o", api_version="2024-10-21")`,
  "LiteLLM": `litellm.completion("azure/gpt-4o", api_base="${url}", api_key=key,
                   api_version="2024-10-21", messages=messages)`,
  "AI SDK": `import { createAzure } from "@ai-sdk/azure";
const azure = createAzure({ baseURL: "${url}/openai", apiKey: key });`,
});

export function connect(part) {
  for (const [name, snippet] of Object.entries(SNIPPETS(location.origin))) {
    part.append(element("h2", {}, name), element("pre", {}, snippet));
  }
  return {};
}
