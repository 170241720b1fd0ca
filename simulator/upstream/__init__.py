"""The upstream: the Azure OpenAI resource that requests are forwarded to."""
