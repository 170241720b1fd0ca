"""Requests as the pipeline tells telemetry of them, and a clock that tests can turn."""

from typing import Any

from simulator.catalogue.deployments import Deployment
from simulator.catalogue.models import find_model
from simulator.limits.admission import Admission
from simulator.messages import Answer, Request, Usage
from simulator.operations.base import Call, Cost, Operation
from simulator.operations.routes import Match
from simulator.operations.unknown import Unknown
from simulator.telemetry.observation import Observation

# For operations of which these tests need the name alone.
NO_RESOURCES: Any = None
SECRET = "sk-0815-never-told"
PROMPT = "the-prompt-of-the-client"
ANSWER = "the-answer-of-the-model"
TEMPLATE = "openai/deployments/{deployment}/chat/completions"


class Chat(Operation[None]):
    """An operation that asks for 9 tokens of prompt and twice 50 of answer."""

    name = "chat_completions"
    routes = ()

    def parse(self, target):
        return None

    def cost(self, call):
        return Cost(prompt_characters=40, prompt_tokens=9, max_tokens=50, choices=2)

    async def generate(self, call, tempo):
        raise NotImplementedError


def deployment(name="my-gpt", model="gpt-4o"):
    return Deployment(name=name, model=find_model(model))


def answered(status=200, **values):
    values = {"usage": Usage(prompt=9, completion=100), **values}
    return Answer.plain(ANSWER.encode(), status=status, **values)


def seen(answer=None, *, path="/openai/deployments/my-gpt/chat/completions", **changes):
    """A chat request that deployment my-gpt answers; it arrived at 100 and was ready 10 ms later."""
    request = Request(
        "POST",
        path,
        f"api-version=2024-10-21&code={SECRET}",
        {"host": "sim:8000", "api-key": SECRET, **changes.pop("headers", {})},
        PROMPT.encode(),
    )
    served_by = changes.pop("served_by", deployment())
    operation = changes.pop("operation", Chat(NO_RESOURCES))
    match = Match(operation, TEMPLATE, {"deployment": "my-gpt"})
    call = Call(request, match.parameters, "2024-10-21", served_by, operation, None)
    values = {
        "request": request,
        "request_id": "the-request-id",
        "match": match,
        "call": call,
        "admission": Admission(served_by, {}, charged=109) if served_by else None,
        "refusal": None,
        "answer": answer or answered(),
        "arrived": 100.0,
        "ready": 100.01,
    }
    return Observation(**{**values, **changes})


def refused(error, **changes):
    """A request that was understood, and refused by this error."""
    return seen(error.answer(), admission=None, refusal=error, **changes)


def unknown(path):
    operation = Unknown(NO_RESOURCES)
    changes = {"match": Match(operation, "{*path}", {}), "call": None, "admission": None}
    return seen(Answer.plain(b"{}", status=404), path=path, operation=operation, **changes)
