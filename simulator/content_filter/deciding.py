"""The decision of the content filter on one call, from rules, triggers, words and rates."""

from collections.abc import Sequence

from msgspec import Struct, structs

from simulator.catalogue.content_filter import BLOCKLISTS, ContentFilterPolicy, Source
from simulator.content_filter.answers import Shape
from simulator.content_filter.findings import Finding, Findings, merged
from simulator.content_filter.makers import BlockedByMaker
from simulator.content_filter.rates import cut_after, drawn
from simulator.content_filter.refusals import blocked_image, blocked_prompt
from simulator.content_filter.screening import Cut, FilterAction, Screening, Split
from simulator.content_filter.triggers import triggered
from simulator.errors import ApiError

_NO_POLICY = ContentFilterPolicy("{}")
_NO_ACTION = FilterAction()


class Screened(Struct, frozen=True):
    """The prompt of a call, and where it goes. `number` counts the deployment's calls."""

    shape: Shape
    texts: Sequence[str]
    split: Split
    deployment: str = ""
    number: int = 0
    prompt_tokens: int = 0
    asynchronous: bool = False
    """A stream whose api-version has the asynchronous filter."""
    now: int = 0
    """Seconds since 1970."""

    @property
    def characters(self) -> int:
        return sum(map(len, self.texts))


def screening_of(
    screened: Screened,
    policy: ContentFilterPolicy | None,
    action: FilterAction | None,
    *,
    triggers: bool,
) -> Screening:
    """Return what the filter is to do with the call."""
    rule, policy = action or _NO_ACTION, policy or _NO_POLICY
    if rule.unavailable:
        return Screening(split=screened.split, unavailable=True)
    found = triggered(screened.texts) if triggers else []
    prompt = merged(rule.prompt, rule.prompt_notes, _of_prompt(screened, policy, found))
    completion = _of_source(policy, found, "completion", screened)
    notes = merged(rule.completion_notes, [one for one in completion if not one.filtered])
    cut = rule.cut or _cut([one for one in completion if one.filtered], found, screened)
    return Screening(
        split=screened.split,
        refusal=_refusal(screened, prompt, cut),
        charged=rule.charged,
        prompt_notes=tuple(one for one in prompt if not one.filtered),
        completion_notes=notes,
        cut=cut,
        blocklists=policy.blocklists or None,
        notes_words=BLOCKLISTS in policy.annotate_only,
        asynchronous=screened.asynchronous and policy.mode == "async",
        prompt_characters=screened.characters,
    )


def _of_prompt(
    screened: Screened, policy: ContentFilterPolicy, found: Sequence[tuple[Source, Finding]]
) -> Findings:
    """Return the findings of triggers, rates and words in the prompt."""
    names = _words(screened.texts, policy)
    words = (Finding(BLOCKLISTS, names=names),) if names else ()
    findings = _of_source(policy, found, "prompt", screened)
    return (*findings, *_annotated(words, policy))


def _of_source(
    policy: ContentFilterPolicy,
    found: Sequence[tuple[Source, Finding]],
    source: Source,
    screened: Screened,
) -> Findings:
    """Return the findings of triggers and rates in a prompt or a completion."""
    rates = policy.prompt_rates if source == "prompt" else policy.completion_rates
    own = drawn(rates, source, screened.deployment, screened.number)
    return _annotated((*(one for side, one in found if side == source), *own), policy)


def _annotated(findings: Findings, policy: ContentFilterPolicy) -> Findings:
    """The findings, of which some categories are annotated alone."""
    return tuple(
        structs.replace(one, filtered=False) if one.category in policy.annotate_only else one
        for one in findings
    )


def _words(texts: Sequence[str], policy: ContentFilterPolicy) -> tuple[str, ...]:
    """The blocklists that the first such word of each text is on."""
    if not policy.blocklists:
        return ()
    found = (policy.blocklists.search(text)[0] for text in texts)
    return tuple(dict.fromkeys(place.name for place in found if place is not None))


def _cut(
    blocking: Sequence[Finding], found: Sequence[tuple[Source, Finding]], screened: Screened
) -> Cut | None:
    if not blocking:
        return None
    if any(source == "completion" for source, _ in found):
        return Cut(merged(blocking))
    return Cut(merged(blocking), cut_after(screened.deployment, screened.number))


def _refusal(screened: Screened, prompt: Findings, cut: Cut | None) -> ApiError | None:
    blocks = any(one.filtered for one in prompt)
    if blocks and screened.shape == "makers":
        return BlockedByMaker(prompt, screened.texts, screened.prompt_tokens, screened.now)
    if blocks:
        return blocked_prompt(
            screened.shape,
            prompt,
            characters=screened.characters,
            prompt_tokens=screened.prompt_tokens,
        )
    if screened.shape == "images" and cut is not None:
        return blocked_image(cut.findings, screened.prompt_tokens)
    return None
