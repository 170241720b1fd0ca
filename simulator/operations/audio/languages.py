"""The languages that Whisper knows: ISO 639-1 codes and the names in its answers."""

from collections.abc import Mapping
from types import MappingProxyType

_TABLE = """
af afrikaans ar arabic hy armenian az azerbaijani be belarusian bs bosnian bg bulgarian ca catalan
zh chinese hr croatian cs czech da danish nl dutch en english et estonian fi finnish fr french
gl galician de german el greek he hebrew hi hindi hu hungarian is icelandic id indonesian it italian
ja japanese kn kannada kk kazakh ko korean lv latvian lt lithuanian mk macedonian ms malay mr marathi
mi maori ne nepali no norwegian fa persian pl polish pt portuguese ro romanian ru russian sr serbian
sk slovak sl slovenian es spanish sw swahili sv swedish tl tagalog ta tamil th thai tr turkish
uk ukrainian ur urdu vi vietnamese cy welsh
"""


def _read(table: str) -> Mapping[str, str]:
    items = table.split()
    return MappingProxyType(dict(zip(items[::2], items[1::2], strict=True)))


LANGUAGES = _read(_TABLE)
"""The languages that OpenAI's speech to text guide lists; the model was trained on some more."""
