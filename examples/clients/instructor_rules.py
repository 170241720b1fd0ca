# /// script
# dependencies = ["instructor"]
# ///
"""Instructor: the answer is an instance of the model, generated or chosen by a rule, whole and streamed;
and each of Azure's failures is its exception.

`Mode.TOOLS`, the default, has a tool called; `Mode.JSON` puts the schema into the prompt.
"""

import json

import instructor
from instructor.core import InstructorRetryException
from openai import APIStatusError, AzureOpenAI
from pydantic import BaseModel


class City(BaseModel):
    name: str
    inhabitants: int


ROME = City(name="Rome", inhabitants=2_750_000)
MESSAGES = [{"role": "user", "content": "Describe Rome."}]
# The fault of each rule, and the status that comes of it.
REFUSALS = {
    "rate_limit": 429, "ptu_limit": 429, "quota": 429, "capacity": 503, "unavailable": 503,
    "server_error": 500, "gateway_error": 502, "gateway_timeout": 504, "timeout": 408,
    "forbidden_network": 403, "suspended": 403,
}  # fmt: skip


def ruled(rule: dict[str, object]) -> AzureOpenAI:
    headers = {"x-simulator-rule": json.dumps(rule)}
    return AzureOpenAI(default_headers=headers, max_retries=0)


def status_of_failure(rule: dict[str, object]) -> int:
    client = instructor.from_openai(ruled(rule)).chat.completions
    try:
        client.create(model="gpt-4o", response_model=City, messages=MESSAGES, max_retries=0)
    except InstructorRetryException as error:
        if isinstance(error.__cause__, APIStatusError):
            return error.__cause__.status_code
    except APIStatusError as error:
        return error.status_code
    return 0


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
for kind, status in REFUSALS.items():
    assert status_of_failure({"fault": {"kind": kind}}) == status, kind  # noqa: S101 - the script is a check
assert status_of_failure({"filter": {"prompt": {"jailbreak": True}}}) == 400  # noqa: S101 - the script is a check
print(made)
