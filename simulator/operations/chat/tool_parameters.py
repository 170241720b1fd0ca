"""The members of a chat request's body that are about tools and about the form of the answer."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

MAX_TOOLS = 128
_PATTERN = "^[a-zA-Z0-9_-]+$"

Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=_PATTERN)]
# Which characters it may have depends on the model: see `check_name`.
ToolName = Annotated[str, Meta(min_length=1, max_length=64)]
# Microsoft's page on function calling.
Description = Annotated[str, Meta(max_length=1024)]
Schema = dict[str, object]


class FunctionDefinition(Struct, frozen=True, forbid_unknown_fields=True):
    name: ToolName
    description: Description | None = None
    parameters: Schema | None = None
    strict: bool | None = None


class FunctionTool(Struct, frozen=True, forbid_unknown_fields=True):
    """The one type that chat completions take on Azure (OpenAPI documents of 2024 to v1)."""

    type: Literal["function"]
    function: FunctionDefinition


class LegacyFunction(Struct, frozen=True, forbid_unknown_fields=True):
    name: Name
    description: Description | None = None
    parameters: Schema | None = None


class FunctionName(Struct, frozen=True, forbid_unknown_fields=True):
    name: str


class NamedFunction(Struct, tag_field="type", tag="function", frozen=True):
    function: FunctionName


class AllowedTools(Struct, frozen=True, forbid_unknown_fields=True):
    mode: Literal["auto", "required"]
    tools: Annotated[list[NamedFunction], Meta(min_length=1)]


class AllowedToolChoice(Struct, tag_field="type", tag="allowed_tools", frozen=True):
    allowed_tools: AllowedTools


Tools = Annotated[list[FunctionTool], Meta(min_length=1, max_length=MAX_TOOLS)]
Functions = Annotated[list[LegacyFunction], Meta(min_length=1, max_length=MAX_TOOLS)]
ToolChoiceOption = Literal["none", "auto", "required"] | NamedFunction | AllowedToolChoice
FunctionCallOption = Literal["none", "auto"] | FunctionName


class JsonSchema(Struct, frozen=True, forbid_unknown_fields=True):
    name: Name
    description: str | None = None
    schema: Schema | None = None
    strict: bool | None = None


class ResponseFormat(Struct, frozen=True, forbid_unknown_fields=True):
    type: Literal["json_object", "json_schema", "text"]
    json_schema: JsonSchema | None = None
