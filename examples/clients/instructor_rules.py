# /// script
# dependencies = ["instructor"]
# ///
"""Instructor: the answer is an instance of the model, generated or chosen by a rule, whole and streamed.

`Mode.TOOLS`, the default, has a tool called; `Mode.JSON` puts the schema into the prompt.
"""

import json

import instructor
from openai import AzureOpenAI
from pydantic import BaseModel


class City(BaseModel):
    name: str
    inhabitants: int


ROME = City(name="Rome", inhabitants=2_750_000)
MESSAGES = [{"role": "user", "content": "Describe Rome."}]


def ruled(rule: dict[str, object]) -> AzureOpenAI:
    return AzureOpenAI(default_headers={"x-simulator-rule": json.dumps(rule)})


for mode, rule in (
    (instructor.Mode.TOOLS, {"call": {"City": ROME.model_dump()}}),
    (instructor.Mode.JSON, {"reply": ROME.model_dump()}),
):
    generated = instructor.from_openai(AzureOpenAI(), mode=mode).chat.completions
    made = generated.create(model="gpt-4o", response_model=City, messages=MESSAGES, max_retries=0)
    assert isinstance(made, City)  # noqa: S101 - the script is a check
    chosen = instructor.from_openai(ruled(rule), mode=mode).chat.completions
    asked = {"model": "gpt-4o", "response_model": City, "messages": MESSAGES, "max_retries": 0}
    assert chosen.create(**asked).model_dump() == ROME.model_dump()  # noqa: S101 - the script is a check
    *_, last = chosen.create_partial(**asked)
    assert last.model_dump() == ROME.model_dump()  # noqa: S101 - the script is a check
print(made)
