"""`/++/config`: the configuration is shown, changed while the simulator runs, and taken back."""

from abc import abstractmethod

from simulator.configuration.overrides.document import Document, read_patch
from simulator.configuration.overrides.members import DEPLOYMENTS
from simulator.configuration.overrides.overrides import NO_PATCH, Patch
from simulator.configuration.overrides.service import Author
from simulator.errors import InvalidRequest
from simulator.management.base import ManagementOperation, own_routes
from simulator.management.query import check_names
from simulator.messages import Answer, Request
from simulator.operations.base import Call, Target

_LONGEST_NAME = 80


class _Config(ManagementOperation[Patch]):
    """A route that answers with the configuration as it is after what was asked for."""

    def parse(self, target: Target) -> Patch:
        del target
        return NO_PATCH

    async def answer(self, call: Call[Patch]) -> Answer:
        document = await self._document(call)
        return Answer.plain(document.body, headers={"etag": document.etag})

    @abstractmethod
    async def _document(self, call: Call[Patch]) -> Document: ...


class Config(_Config):
    name = "config"
    routes = own_routes("GET", "config")

    async def _document(self, call: Call[Patch]) -> Document:
        del call
        return await self._control.configuration.document()


class ChangeConfig(_Config):
    name = "change_config"
    routes = own_routes("PATCH", "config")

    def parse(self, target: Target) -> Patch:
        return read_patch(target.request.body)

    async def _document(self, call: Call[Patch]) -> Document:
        self._check_fleet(call.parsed)
        author = author_of(call.request)
        return await self._control.configuration.change(call.parsed, author)

    def _check_fleet(self, patch: Patch) -> None:
        """Raise `InvalidRequest` for a change of a deployment that the file of a fleet gives."""
        if self._control.fleet is None:
            return
        own = self._control.configuration.current.deployments
        of_fleet = {one.name for one in self._control.deployments() if one.name not in own}
        for name, entry in patch.deployments.items():
            if name in of_fleet and (entry is None or "model" not in entry):
                raise InvalidRequest(
                    f"'{name}' is a deployment of the fleet: change it in its file, or on its timeline.",
                    param=f"{DEPLOYMENTS}.{name}",
                    code="read_only",
                )


class ResetConfig(_Config):
    name = "reset_config"
    routes = own_routes("DELETE", "config")

    async def _document(self, call: Call[Patch]) -> Document:
        check_names(call.request)
        return await self._control.configuration.reset(author_of(call.request))


def author_of(request: Request) -> Author:
    """The author of a change: the client's program, and its address if a proxy forwards it."""
    program = request.headers.get("user-agent", "").strip() or "an unnamed client"
    address = request.headers.get("x-forwarded-for", "").partition(",")[0].strip()
    name = f"{program} ({address})" if address else program
    wanted = request.headers.get("if-match")
    etags = None if wanted is None else frozenset(map(_strong, wanted.split(",")))
    return Author(name[:_LONGEST_NAME], etags)


def _strong(etag: str) -> str:
    """A proxy that compresses answers makes their ETags weak."""
    return etag.strip().removeprefix("W/")
