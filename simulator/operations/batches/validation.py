"""The validation of a batch's input file: what of its content fails the batch."""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
from msgspec import Struct

from simulator.catalogue.deployments import BATCH_SKUS, Deployments
from simulator.operations.batches.lines import BODY, LINE, URLS, Line, Place, is_json, places

MOST_LINES = 100_000
MOST_ERRORS = 100
"""Errors that a failed batch lists."""
_CHARACTERS_PER_TOKEN = 4
_LONGEST_NAME = 100


class BatchProblem(Struct, frozen=True):
    """One error of a failed batch, as the API shows it."""

    code: str
    message: str
    param: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Validated:
    """The facts of an input file. `tokens` is the estimate that its deployment's quota counts."""

    total: int
    operation: str
    model: str
    tokens: int
    problems: tuple[BatchProblem, ...]


class _Failed(Exception):
    """The line cannot be taken."""

    def __init__(self, code: str, message: str, param: str | None = None) -> None:
        super().__init__(code)
        self.problem = BatchProblem(code, message, param)


class Validation:
    """Goes through the lines of one file. `endpoint` is the operation that the batch is for, "" where
    the first line says it."""

    def __init__(self, deployments: Deployments, endpoint: str) -> None:
        self._deployments = deployments
        self._operation = endpoint
        self._model = ""
        self._ids: set[str] = set()
        self._total = self._characters = 0

    def of(self, data: bytes) -> Validated:
        """Return what is in the file; at most `MOST_ERRORS` of its problems."""
        problems: list[BatchProblem] = []
        for problem in self._problems(data):
            problems.append(problem)
            if len(problems) == MOST_ERRORS:
                break
        return Validated(
            self._total,
            self._operation,
            self._model,
            self._characters // _CHARACTERS_PER_TOKEN,
            tuple(problems),
        )

    def _problems(self, data: bytes) -> Iterator[BatchProblem]:
        for place in places(data):
            self._total += 1
            if self._total > MOST_LINES:
                message = f"The input file has more than {MOST_LINES} requests."
                yield BatchProblem("too_many_tasks", message)
                return
            try:
                self._check(place)
            except _Failed as failed:
                yield msgspec.structs.replace(failed.problem, line=place.number)
        if not self._total:
            message = "The input file is empty. Please ensure that the batch contains at least one request."
            yield BatchProblem("empty_file", message)

    def _check(self, place: Place) -> None:
        line = _line(place)
        if line.custom_id in self._ids:
            shown = line.custom_id[:_LONGEST_NAME]
            message = f"The custom_id '{shown}' is that of another line of the file."
            raise _Failed("duplicate_custom_id", message, "custom_id")
        self._ids.add(line.custom_id)
        if line.method != "POST":
            message = f"The method '{line.method[:_LONGEST_NAME]}' is not POST."
            raise _Failed("invalid_request", message, "method")
        self._check_url(line.url)
        try:
            model = BODY.decode(line.body).model
        except msgspec.MsgspecError:
            message = (
                "The body of the request is no object with a model, which names the deployment."
            )
            raise _Failed("invalid_request", message, "body") from None
        self._check_model(model)
        self._characters += len(line.body)

    def _check_url(self, url: str) -> None:
        operation = URLS.get(url)
        self._operation = self._operation or operation or ""
        if operation is None or operation != self._operation:
            shown = url[:_LONGEST_NAME]
            message = (
                f"The URL '{shown}' is not the one of the batch's endpoint and its other lines."
            )
            raise _Failed("url_mismatch", message, "url")

    def _check_model(self, name: str) -> None:
        if name == self._model:
            return
        shown = name[:_LONGEST_NAME]
        if self._model:
            message = f"The deployment '{shown}' is not the one of the lines before it."
            raise _Failed("model_mismatch", message, "body.model")
        deployment = self._deployments.get(name)
        if deployment is None:
            message = f"The deployment '{shown}' in the property model was not found."
            raise _Failed("model_not_found", message, "body.model")
        self._model = name
        if not (deployment.batched or deployment.undefined):
            message = (
                f"The deployment '{shown}' has the SKU {deployment.sku}; batches take a deployment of "
                f"{' or '.join(BATCH_SKUS)}."
            )
            raise _Failed("invalid_request", message, "body.model")


def _line(place: Place) -> Line:
    try:
        return LINE.decode(place.data)
    except msgspec.ValidationError as error:
        message = f"The line is not a request of a batch: {error}."
        if is_json(place.data):
            raise _Failed("invalid_request", message[:400]) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    message = "The line is not valid JSON in UTF-8 without a byte order mark."
    raise _Failed("invalid_json_line", message)
