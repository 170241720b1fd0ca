# /// script
# dependencies = ["pydantic-ai-slim[openai]"]
# ///
"""Pydantic AI: the provider `azure` reads the environment."""

from pydantic_ai import Agent

agent = Agent("azure:gpt-4o", model_settings={"max_tokens": 20})
print(agent.run_sync("What is Azure?").output)
