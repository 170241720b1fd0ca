"""The control of a simulator, on which its own routes act."""

from simulator.assembly.active import create_readiness
from simulator.assembly.foundation import Foundation
from simulator.assembly.parts import Parts
from simulator.assembly.prices import read_price_file
from simulator.assembly.resets import create_resets
from simulator.management.control import Control


def create_control(base: Foundation, parts: Parts) -> Control:
    return Control(
        configuration=parts.configuration,
        rules=parts.rules,
        readiness=create_readiness(base, parts.configuration, parts.store, parts.fleet),
        recordings=base.recordings,
        clock=base.clock,
        journal=base.journal,
        prices=read_price_file(base.settings),
        limits=parts.limits,
        resets=create_resets(base, parts),
        console=base.settings.serves_console,
        deployments=parts.active.deployments,
        fleet=parts.fleet,
        scrape=base.telemetry.scrape,
        presence=base.presence,
        roll_ups=parts.roll_ups,
    )
