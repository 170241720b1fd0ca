"""The parts that answer requests under the configuration in force, replaced as a whole."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from simulator.catalogue.deployments import Deployments
from simulator.catalogue.retirement import Retirement
from simulator.configuration.overrides.overrides import Configuration
from simulator.configuration.settings import Settings
from simulator.latency import Profile, Spread
from simulator.modes.base import Mode
from simulator.synthesis.answer_shape import AnswerShape


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The configuration that one request is answered with; changes make another one.

    `profiles` are the latencies of operations by name, `shape` that of generated answers.
    """

    deployments: Deployments
    mode: Mode
    profiles: Mapping[str, Profile]
    shape: AnswerShape
    retirement: Retirement


@dataclass(frozen=True, slots=True)
class ActiveParts:
    """The functions that make the parts of a snapshot from the settings, and what never changes."""

    retirement: Retirement
    profiles: Callable[[Settings], Mapping[str, Profile]]
    mode: Callable[[Settings], Mode]


class ActiveConfiguration:
    """Holds the snapshot in force; a request takes `current` once, on arrival.

    A change leaves everything else as it is: the limits' windows, and the mode with all its state.
    A mode that is replaced still finishes its work, such as recordings.
    """

    current: Snapshot

    def __init__(self, start: Configuration, parts: ActiveParts) -> None:
        self._parts = parts
        self._modes: tuple[object, Mode] | None = None
        self.apply(start)

    def apply(self, configuration: Configuration) -> None:
        settings = configuration.settings
        self.current = Snapshot(
            Deployments(
                configuration.deployments, allow_undefined=settings.allow_undefined_deployments
            ),
            self._mode(settings),
            self._parts.profiles(settings),
            AnswerShape(
                Spread(settings.answer_tokens_mean, settings.answer_tokens_std_dev),
                full=settings.answer_length == "max",
            ),
            self._parts.retirement,
        )

    def _mode(self, settings: Settings) -> Mode:
        concerned = (
            settings.mode,
            settings.replay_speed,
            settings.replay_miss,
            settings.match_ignore,
            settings.match_api_version,
        )
        if self._modes is None or self._modes[0] != concerned:
            self._modes = (concerned, self._parts.mode(settings))
        return self._modes[1]
