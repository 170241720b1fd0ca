"""Answers with images: annotated, since one that is blocked is a refusal."""

from simulator.content_filter.findings import with_findings
from simulator.content_filter.screening import Screening
from simulator.content_filter.slots import Json, objects


def note_images(body: Json, screening: Screening) -> None:
    for image in objects(body.get("data")):
        if "prompt_filter_results" in image:
            image["prompt_filter_results"] = with_findings(
                image["prompt_filter_results"], screening.prompt_notes, "prompt"
            )
        if "content_filter_results" in image:
            image["content_filter_results"] = with_findings(
                image["content_filter_results"], screening.completion_notes, "completion"
            )
