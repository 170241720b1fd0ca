# /// script
# dependencies = ["openai-agents"]
# ///
"""OpenAI Agents: hand it the client for Azure, and send no traces to OpenAI."""

from agents import Agent, Runner, set_default_openai_client, set_tracing_disabled
from openai import AsyncOpenAI

set_tracing_disabled(disabled=True)
set_default_openai_client(AsyncOpenAI(), use_for_tracing=False)
print(Runner.run_sync(Agent(name="helper", model="gpt-4o"), "What is Azure?").final_output)
