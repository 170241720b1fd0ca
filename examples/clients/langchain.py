# /// script
# dependencies = ["langchain-openai"]
# ///
"""LangChain: the environment says where, `azure_deployment` which."""

from langchain_openai import AzureChatOpenAI

model = AzureChatOpenAI(azure_deployment="gpt-4o", max_tokens=20)
print(model.invoke("What is Azure?").content)
