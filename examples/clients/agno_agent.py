# /// script
# dependencies = ["agno", "openai"]
# ///
"""Agno: the environment says where; `id` is the deployment."""

from agno.agent import Agent
from agno.models.azure import AzureOpenAI

agent = Agent(model=AzureOpenAI(id="gpt-4o", max_tokens=20), telemetry=False)
print(agent.run("What is Azure?").content)
