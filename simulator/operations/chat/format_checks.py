"""Checks on the response format that a chat request sets."""

from simulator.catalogue.api_versions import older_than
from simulator.catalogue.capabilities import capabilities_of
from simulator.catalogue.models import Model
from simulator.errors import InvalidRequest, VersionNotSupported, missing_parameter
from simulator.operations.chat.messages import Message, TextPart
from simulator.operations.chat.parameters import ChatParameters, JsonSchema
from simulator.operations.schema_checks import SchemaChecks

# Microsoft's page on structured outputs: gpt-4o from 2024-08-06 on, and what came after it but the first
# o-series.
_OLD_ENCODING = "cl100k_base"
_OLD_VERSIONS = ("2024-05-13", "2024-09-12")


def check_format(
    parameters: ChatParameters, model: Model, version: str, schemas: SchemaChecks
) -> None:
    """Raises `InvalidRequest` or, for a form newer than the api-version, `VersionNotSupported`."""
    form = parameters.response_format
    if form is None or form.type == "text":
        return
    if form.type == "json_schema":
        if older_than(version, "2024-08-01"):
            raise VersionNotSupported(
                "response_format value as json_schema is enabled only for api versions "
                "2024-08-01-preview and later"
            )
        _check_json_schema(form.json_schema, model, schemas)
    elif not capabilities_of(model).json_mode:
        raise InvalidRequest(
            "Invalid parameter: 'response_format' of type 'json_object' is not supported with this "
            "model.",
            param="response_format",
        )
    elif not any(map(_says_json, parameters.messages)):
        raise InvalidRequest(
            "'messages' must contain the word 'json' in some form, to use 'response_format' of type "
            "'json_object'.",
            param="messages",
        )


def _check_json_schema(form: JsonSchema | None, model: Model, schemas: SchemaChecks) -> None:
    if form is None or form.schema is None:
        raise missing_parameter("response_format.json_schema" + ("" if form is None else ".schema"))
    old = model.encoding == _OLD_ENCODING or model.version in _OLD_VERSIONS
    if old or not capabilities_of(model).json_schema:
        raise InvalidRequest(
            "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this "
            "model. Learn more about supported models at the Structured Outputs guide: "
            "https://platform.openai.com/docs/guides/structured-outputs"
        )
    where = f"response_format '{form.name}'"
    schemas.check(form.schema, where, strict=bool(form.strict), param="response_format")


def _says_json(message: Message) -> bool:
    content = message.content
    if isinstance(content, list):
        return any("json" in part.text.lower() for part in content if isinstance(part, TextPart))
    return content is not None and "json" in content.lower()
