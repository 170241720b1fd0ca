# /// script
# dependencies = ["instructor"]
# ///
"""Instructor: the answer is an instance of the model's JSON schema."""

import instructor
from openai import AzureOpenAI
from pydantic import BaseModel


class City(BaseModel):
    name: str
    inhabitants: int


client = instructor.from_openai(AzureOpenAI())
print(
    client.chat.completions.create(
        model="gpt-4o",
        response_model=City,
        messages=[{"role": "user", "content": "Describe Rome."}],
    )
)
