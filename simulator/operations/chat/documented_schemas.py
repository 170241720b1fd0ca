"""Refusals of strict schemas as Microsoft's page documents them, for `STRICT_SCHEMA=documented`."""

from simulator.errors import InvalidRequest
from simulator.json_schema.acceptance.strict_mode import check_documented
from simulator.json_schema.errors import InvalidSchema
from simulator.operations.chat.parameters import ChatParameters


def check_documented_schemas(parameters: ChatParameters) -> None:
    """Refuse the strict schemas of a chat request by the documented list of keywords."""
    for index, tool in enumerate(parameters.tools or ()):
        function = tool.function
        if function.strict and function.parameters:
            try:
                check_documented(function.parameters, where=f"function '{function.name}'")
            except InvalidSchema as error:
                raise InvalidRequest(
                    error.message,
                    param=f"tools[{index}].function.parameters",
                    code="invalid_function_parameters",
                ) from None
    form = parameters.response_format and parameters.response_format.json_schema
    if form is None or not form.strict or parameters.schema is None:
        return
    try:
        check_documented(parameters.schema, where=f"response_format '{form.name}'")
    except InvalidSchema as error:
        raise InvalidRequest(error.message, param="response_format") from None
