"""The headers of requests as texts, each decoded once if it comes again."""

from collections.abc import Iterable

from simulator.caching import LONGEST_KEY

_MOST_HEADERS = 1024


class _Texts(dict[tuple[bytes, bytes], tuple[str, str]]):
    """The texts of names and values. A client sends nearly all of its headers with each request again, and a
    look-up in a dict costs half of decoding them."""

    def __missing__(self, header: tuple[bytes, bytes]) -> tuple[str, str]:
        name, value = header
        texts = name.decode("latin-1"), value.decode("latin-1")
        if len(name) + len(value) <= LONGEST_KEY:
            if len(self) >= _MOST_HEADERS:
                self.clear()
            self[header] = texts
        return texts


_texts = _Texts()


def headers_of(lines: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return the headers of a request by name; of a repeated one, the last."""
    return dict(map(_texts.__getitem__, lines))
