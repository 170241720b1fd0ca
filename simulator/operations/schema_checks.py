"""Checks of the schemas that a request brings, shared by chat and Responses."""

from simulator.catalogue.capabilities import capabilities_of
from simulator.catalogue.models import Model
from simulator.errors import InvalidRequest
from simulator.json_schema.acceptance.strict_mode import (
    check_documented,
    check_looks,
    check_schema,
    check_strict,
)
from simulator.json_schema.errors import InvalidSchema


class SchemaChecks:
    """Refuses schemas as the real service does, or with `documented` strict ones by the list of
    keywords on Microsoft's page as well (the setting `STRICT_SCHEMA=documented`).
    """

    def __init__(self, *, documented: bool = False, lookaround: bool = True) -> None:
        self._documented = documented
        self._lookaround = lookaround

    def for_model(self, model: Model) -> "SchemaChecks":
        """The checks of a model's own rules beside these."""
        if capabilities_of(model).lookaround:
            return self
        return SchemaChecks(documented=self._documented, lookaround=False)

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
        if not self._lookaround:
            self._check_looks(schema, param)

    def check_function(self, name: str, schema: object, *, strict: bool, param: str) -> None:
        where = f"function '{name}'"
        self.check(schema, where, strict=strict, param=param, code="invalid_function_parameters")

    def _check_looks(self, schema: object, param: str) -> None:
        # Reported with tools, 2026-05 to 2026-10; `param` of a response format is our choice.
        try:
            check_looks(schema)
        except InvalidSchema as error:
            place = "tools" if param.startswith("tools") else param
            raise InvalidRequest(error.message, param=place, code="invalid_json_schema") from None
