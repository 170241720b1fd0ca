"""The words of OpenTelemetry's semantic conventions (1.44) for what the simulator does."""

from simulator.telemetry.observation import Observation

PROVIDER = "azure.ai.openai"

_OPERATIONS = {
    "chat_completions": "chat",
    "completions": "text_completion",
    "embeddings": "embeddings",
    "messages": "chat",
    "responses": "chat",
}


def operation_name(observation: Observation) -> str:
    """`gen_ai.operation.name`: a well-known one, else the simulator's own name of the operation."""
    return _OPERATIONS.get(observation.operation, observation.operation)


def gen_ai(observation: Observation, deployment: str) -> dict[str, str]:
    """The attributes of every GenAI metric and span; on Azure the requested model is the
    deployment.
    """
    served_by = observation.served_by
    attributes = {
        "gen_ai.operation.name": operation_name(observation),
        "gen_ai.provider.name": PROVIDER,
        "gen_ai.request.model": deployment,
    }
    if served_by is not None:
        attributes["gen_ai.response.model"] = served_by.model.wire_name
    if observation.resource is not None:
        attributes["resource"] = observation.resource
    if not observation.succeeded:
        attributes["error.type"] = str(observation.answer.status)
    return attributes
