"""Operations whose request is a form with files: the v1 routes name the deployment in a field of it."""

from collections.abc import Mapping
from typing import cast

from simulator.messages import Request
from simulator.operations.base import Operation, P
from simulator.wire.forms import Form, parse_form


class FormOperation(Operation[P]):
    """Reads the form of a request, and the deployment's name in it."""

    def deployment_name(self, request: Request, path_parameters: Mapping[str, str]) -> str | None:
        named = path_parameters.get("deployment")
        return named if named is not None else form_of(request).value("model")


def form_of(request: Request) -> Form:
    """Return the form of a request. Raises `InvalidRequest` for what is none."""
    if request.form is not None:
        return cast("Form", request.form)
    return parse_form(request.headers.get("content-type", ""), request.body)
