# /// script
# dependencies = ["dspy"]
# ///
"""DSPy: goes through LiteLLM, so models are called azure/NAME.

Generated text has no fields to parse, so this asks for a plain completion.
"""

import os

import dspy

model = dspy.LM(
    "azure/gpt-4o",
    api_base=os.environ["AZURE_OPENAI_ENDPOINT"],
    api_key=os.environ["AZURE_OPENAI_API_KEY"],
    api_version=os.environ["OPENAI_API_VERSION"],
    max_tokens=20,
)
print(model("What is Azure?"))
