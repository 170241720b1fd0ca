"""The files that rules name: images, and recordings in the store."""

import base64
import binascii
import re

from msgspec import UNSET

from simulator.rules.errors import BadRule
from simulator.rules.fields import RuleFields

_DATA = re.compile(r"data:image/(?:png|jpeg|webp);base64,")
_PART = r"[A-Za-z0-9_][A-Za-z0-9_. -]{0,99}"
_FILE = re.compile(rf"{_PART}(?:/{_PART}){{0,9}}")
_RECORDING = re.compile(rf"(?:v1|legacy)(?:/{_PART}){{1,9}}")


def check_files(name: str, fields: RuleFields) -> None:
    """Raises `BadRule` for names that cannot be those of files within a folder."""
    image, recording = fields.image, fields.recording
    if image is not UNSET and inline(image) is None and not _FILE.fullmatch(image):
        raise BadRule(
            name,
            "give a data URL of a PNG, JPEG or WebP file, or the name of a file beside RULES_PATH or "
            "in the container, without '..'.",
            member="image",
        )
    if recording is not UNSET and not _RECORDING.fullmatch(recording):
        raise BadRule(
            name, "not the name of a recording, such as v1/.../....json.", member="recording"
        )


def inline(image: str) -> bytes | None:
    """The file in a data URL; None for a name, and for a URL that is damaged."""
    head = _DATA.match(image)
    if head is None:
        return None
    try:
        return base64.b64decode(image[head.end() :], validate=True)
    except (binascii.Error, ValueError):
        return None


def recording_file(name: str) -> str:
    """The name in the store of a recording whose ending may be left out."""
    return name if name.endswith(".json") else f"{name}.json"
