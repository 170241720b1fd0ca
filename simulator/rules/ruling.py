"""The plan that rules come to for one request."""

from collections.abc import Sequence

import msgspec
from msgspec import UNSET

from simulator.latency import Slowdown
from simulator.operations.base import Plan
from simulator.rules.faults import Faults
from simulator.rules.fields import Like, RuleFields
from simulator.rules.files import inline, recording_file
from simulator.rules.rule import Rule
from simulator.rules.subject import Subject
from simulator.rules.template import filled, filled_json
from simulator.synthesis.script import Script, ScriptedCall


def image_file(decisions: Sequence["Decision"]) -> str:
    """The name of the file that is the image; "" for none, and for one that the rule itself has."""
    images = (one.rule.fields.image for one in decisions)
    return next((one for one in images if one is not UNSET and inline(one) is None), "")


class Decision(msgspec.Struct, frozen=True):
    """A rule that acts; the client reads `name`, and `before` is how often it acted before."""

    name: str
    rule: Rule
    before: int = 0


def plan_of(decisions: Sequence[Decision], subject: Subject, faults: Faults) -> Plan:
    """Return the plan of the rules that act; there is at least one."""
    main = next((one for one in decisions if not one.rule.additive), None)
    slowdown: Slowdown | None = None
    for one in decisions:
        if (own := one.rule.slowdown) is not None:
            slowdown = own if slowdown is None else slowdown.and_then(own)
    if main is None:
        return Plan(decisions[0].name, slowdown=slowdown)
    fields = main.rule.fields.fault
    fault = None if fields is UNSET else faults.of(fields, subject.call)
    recording = main.rule.fields.recording
    name = "" if recording is UNSET else recording_file(recording)
    return Plan(
        main.name, script_of(main, subject), slowdown, fault, main.rule.filter, recording=name
    )


def script_of(decision: Decision, subject: Subject) -> Script | None:
    fields = decision.rule.fields
    if fields.call is not UNSET:
        return Script(calls=_calls(fields, subject))
    if fields.reply is not UNSET:
        return Script(_text(fields, decision.before, subject))
    if fields.transcript is not UNSET:
        return Script(filled(fields.transcript, subject))
    if fields.image is not UNSET:
        return Script(image=inline(fields.image))
    return _embedding(fields, subject)


def _embedding(fields: RuleFields, subject: Subject) -> Script | None:
    embedding = fields.embedding
    if embedding is UNSET:
        return None
    if isinstance(embedding, Like):
        return Script(like=filled(embedding.like, subject))
    return Script(vector=tuple(embedding))


def _text(fields: RuleFields, before: int, subject: Subject) -> str:
    reply = fields.reply
    if isinstance(reply, list):
        at = before % len(reply) if fields.then == "repeat" else min(before, len(reply) - 1)
        return filled(reply[at], subject)
    return filled(reply, subject) if isinstance(reply, str) else filled_json(reply, subject)


def _calls(fields: RuleFields, subject: Subject) -> tuple[ScriptedCall, ...]:
    listed = fields.call if isinstance(fields.call, list) else [fields.call]
    return tuple(
        ScriptedCall(
            name,
            filled(arguments, subject)
            if isinstance(arguments, str)
            else filled_json(arguments, subject),
        )
        for calls in listed
        if calls is not UNSET
        for name, arguments in calls.items()
    )
