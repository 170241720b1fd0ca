// "Connect": snippets with this address, and with a deployment that is served here.

import { element } from "./dom.js";
import { addressOf, choice, served, usual } from "./served.js";

const SNIPPETS = (url, name) => ({
  "curl": `curl "${url}/openai/deployments/${name}/chat/completions?api-version=2024-10-21" \\
  -H "api-key: $SIMULATOR_API_KEY" -H "content-type: application/json" \\
  -d '{"messages": [{"role": "user", "content": "Hi"}]}'`,
  "openai (v1)": `from openai import OpenAI
client = OpenAI(base_url="${url}/openai/v1/", api_key=key)`,
  "openai (AzureOpenAI)": `from openai import AzureOpenAI
client = AzureOpenAI(azure_endpoint="${url}", api_key=key, api_version="2024-10-21")`,
  "LangChain": `from langchain_openai import AzureChatOpenAI
model = AzureChatOpenAI(azure_endpoint="${url}", api_key=key,
                        azure_deployment="${name}", api_version="2024-10-21")`,
  "semantic-kernel (needs --tls)": `from semantic_kernel.connectors.ai.open_ai import AzureChatCompletion
chat = AzureChatCompletion(endpoint="${url.replace("http:", "https:")}", api_key=key,
                           deployment_name="${name}", api_version="2024-10-21")`,
  "LiteLLM": `litellm.completion("azure/${name}", api_base="${url}", api_key=key,
                   api_version="2024-10-21", messages=messages)`,
  "AI SDK": `import { createAzure } from "@ai-sdk/azure";
const azure = createAzure({ baseURL: "${url}/openai", apiKey: key });`,
});

export function connect(part, show, attempt) {
  const top = element("div", { class: "row" });
  const snippets = element("div");
  part.append(top, snippets);
  attempt(async () => {
    const { resources, names } = await served();
    const write = (resource) => snippets.replaceChildren(
      ...Object.entries(SNIPPETS(location.origin + addressOf(resource), usual(names(resource))))
        .flatMap(([name, snippet]) => [element("h2", {}, name), element("pre", {}, snippet)]));
    top.replaceChildren(choice(resources, write));
    write(resources[0] ?? "");
  })();
  return {};
}
