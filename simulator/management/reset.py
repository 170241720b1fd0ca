"""`POST /++/reset`: what has gathered while the simulator ran begins again."""

from collections.abc import Iterable
from typing import cast

import msgspec

from simulator.errors import InvalidRequest
from simulator.management.base import ManagementOperation, own_routes
from simulator.management.query import check_names
from simulator.messages import Answer
from simulator.operations.base import Call, Target
from simulator.suggestions import nearest

_MOST = 20


class Reset(ManagementOperation[tuple[str, ...] | None]):
    """Takes the names of what is reset; without a body, all."""

    name = "reset"
    routes = own_routes("POST", "reset")

    def parse(self, target: Target) -> tuple[str, ...] | None:
        check_names(target.request)
        if not target.request.body.strip():
            return None
        try:
            body: object = msgspec.json.decode(target.request.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            body = None
        if not isinstance(body, dict):
            raise self._bad("The body is no JSON object.")
        members = cast("dict[str, object]", body)
        for name in members:
            if name != "what":
                raise self._bad(f"There is no such member: '{name[:40]}'.", name, ("what",))
        return self._names(members["what"]) if members else None

    def _names(self, what: object) -> tuple[str, ...]:
        names = cast("list[object]", what) if isinstance(what, list) else []
        if not isinstance(what, list) or len(names) > _MOST:
            raise self._bad(f"'what' must be a list of {_MOST} names at most.")
        known = tuple(self._control.resets)
        for name in names:
            if name not in known:
                found = str(name)[:40]
                raise self._bad(f"There is no '{found}' to reset.", found, known)
        return tuple(str(name) for name in names)

    async def answer(self, call: Call[tuple[str, ...] | None]) -> Answer:
        resets = self._control.resets
        names = tuple(resets) if call.parsed is None else tuple(dict.fromkeys(call.parsed))
        for name in names:
            await resets[name]()
        return Answer.plain(msgspec.json.encode({"reset": names}))

    def _bad(self, why: str, found: str = "", known: Iterable[str] = ()) -> InvalidRequest:
        near = nearest(found, known)
        meant = f" Did you mean '{near}'?" if near else ""
        names = ", ".join(self._control.resets)
        return InvalidRequest(
            f'{why}{meant} The body is {{"what": [...]}} with any of {names}.',
            param="what",
            code="invalid_value",
        )
