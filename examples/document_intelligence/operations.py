"""The two operations of an analysis: starting one, and asking what has come of it."""

import json
import random
import uuid
from typing import NamedTuple

from simulator.extensions import (
    Answer,
    Call,
    GatewayError,
    Operation,
    Resources,
    Route,
    Target,
    Tempo,
    origin_of,
)

from .results import analysis, analyze_result

MODEL = "documentintelligence/documentModels/{model}"


class NotFound(GatewayError):
    status = 404
    code = "NotFound"


class EmptyDocument(GatewayError):
    status = 400
    code = "InvalidRequest"


class Analysis(NamedTuple):
    """An analysis under way. All of it is in its id, so any instance can tell how far it is: a GUID
    whose first 48 bits are the moment of its start, in milliseconds since 1970."""

    id: str
    started: float

    @classmethod
    def start(cls, now: float, rng: random.Random) -> "Analysis":
        milliseconds = int(now * 1000)
        made = uuid.UUID(int=milliseconds << 80 | rng.getrandbits(80))
        return cls(str(made), milliseconds / 1000)

    @classmethod
    def find(cls, text: str) -> "Analysis":
        try:
            found = uuid.UUID(text)
        except ValueError:
            raise NotFound("The requested operation was not found.") from None
        return cls(str(found), (found.int >> 80) / 1000)


class Analyze(Operation[None]):
    """`POST …/{model}:analyze`: 202 at once, with the address to ask at."""

    name = "document_analyze"
    routes = (Route("POST", MODEL + ":analyze"),)

    def __init__(self, resources: Resources, seconds: float) -> None:
        super().__init__(resources)
        self._seconds = seconds

    def parse(self, target: Target) -> None:
        if not target.request.body:
            raise EmptyDocument("The request needs a document, or the address of one.")

    async def generate(self, call: Call[None], tempo: Tempo) -> Answer:
        started = Analysis.start(self._resources.now(), self._resources.rng)
        path = f"/{MODEL}/analyzeResults/{started.id}".format_map(call.path_parameters)
        headers = {
            "operation-location": f"{origin_of(call.request.headers)}{path}"
            f"?api-version={call.api_version}",
            "retry-after": str(int(self._seconds)),
        }
        return Answer.plain(b"", status=202, content_type=None, headers=headers, due=tempo.at(1))


class AnalysisResult(Operation[Analysis]):
    """`GET …/{model}/analyzeResults/{id}`: running, and then succeeded."""

    name = "document_analysis_result"
    routes = (Route("GET", MODEL + "/analyzeResults/{id}"),)

    def __init__(self, resources: Resources, seconds: float) -> None:
        super().__init__(resources)
        self._seconds = seconds

    def parse(self, target: Target) -> Analysis:
        return Analysis.find(target.path_parameters["id"])

    async def generate(self, call: Call[Analysis], tempo: Tempo) -> Answer:
        found, now = call.parsed, self._resources.now()
        missing = found.started + self._seconds - now
        ended = min(now, found.started + self._seconds)
        document = analysis(found.started, ended, "running" if missing > 0 else "succeeded")
        if missing <= 0:
            document["analyzeResult"] = self._result(call)
        headers = {"retry-after": str(int(missing))} if missing > 0 else {}
        return Answer.plain(json.dumps(document).encode(), headers=headers, due=tempo.at(1))

    def _result(self, call: Call[Analysis]) -> dict[str, object]:
        return analyze_result(
            model=call.path_parameters["model"],
            api_version=call.api_version,
            rng=random.Random(call.parsed.id),
        )
