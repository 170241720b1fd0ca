"""`POST /++/reset`: what has gathered while the simulator ran begins again."""

from typing import cast

import msgspec

from simulator.errors import InvalidRequest
from simulator.management.base import ManagementOperation
from simulator.messages import Answer
from simulator.operations.base import Call, Target
from simulator.operations.routes import Route

_MOST = 20


class Reset(ManagementOperation[tuple[str, ...] | None]):
    """Takes the names of what is reset; without a body, all."""

    name = "reset"
    routes = (Route("POST", "++/reset"), Route("POST", "simulator/reset"))

    def parse(self, target: Target) -> tuple[str, ...] | None:
        if not target.request.body.strip():
            return None
        try:
            body: object = msgspec.json.decode(target.request.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            body = None
        members = cast("dict[str, object]", body) if isinstance(body, dict) else {"what": None}
        if not members:
            return None
        what = members.get("what")
        names = cast("list[object]", what) if isinstance(what, list) else [None]
        if set(members) != {"what"} or len(names) > _MOST:
            raise self._bad("body")
        for name in names:
            if name not in self._control.resets:
                raise self._bad(str(name)[:40])
        return tuple(str(name) for name in names)

    async def answer(self, call: Call[tuple[str, ...] | None]) -> Answer:
        resets = self._control.resets
        names = tuple(resets) if call.parsed is None else tuple(dict.fromkeys(call.parsed))
        for name in names:
            await resets[name]()
        return Answer.plain(msgspec.json.encode({"reset": names}))

    def _bad(self, what: str) -> InvalidRequest:
        known = ", ".join(self._control.resets)
        return InvalidRequest(
            f"Invalid '{what}': the body is {{\"what\": [...]}} with any of {known}.",
            param="what",
            code="invalid_value",
        )
