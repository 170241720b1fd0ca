"""Checks of the schemas that a request brings, shared by chat and Responses."""

from simulator.errors import InvalidRequest
from simulator.json_schema.acceptance.strict_mode import (
    check_documented,
    check_schema,
    check_strict,
)
from simulator.json_schema.errors import InvalidSchema


class SchemaChecks:
    """Refuses schemas as the real service does, or with `documented` strict ones by the list of
    keywords on Microsoft's page as well (the setting `STRICT_SCHEMA=documented`).
    """

    def __init__(self, *, documented: bool = False) -> None:
        self._documented = documented

    def check(
        self, schema: object, where: str, *, strict: bool, param: str, code: str | None = None
    ) -> None:
        """Raises `InvalidRequest` with the fault of the schema, which `where` names."""
        try:
            (check_strict if strict else check_schema)(schema, where=where)
            if strict and self._documented:
                check_documented(schema, where=where)
        except InvalidSchema as error:
            raise InvalidRequest(error.message, param=param, code=code) from None

    def check_function(self, name: str, schema: object, *, strict: bool, param: str) -> None:
        where = f"function '{name}'"
        self.check(schema, where, strict=strict, param=param, code="invalid_function_parameters")
