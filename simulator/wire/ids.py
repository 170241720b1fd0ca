"""The ids of answers, in the shapes that recordings show."""

import functools
import random
import string

_ALPHABET = (string.ascii_letters + string.digits).encode()
# The letter or digit that each byte stands for: one table look-up makes a text of random bytes. (A few
# characters come slightly more often than others; ids and padding keep no secret.)
_OF_BYTE = bytes(_ALPHABET[byte % len(_ALPHABET)] for byte in range(256))

# The digits of a UUID that bytes stand for, and the one that says its variant.
_HEXADECIMAL, _VARIANTS = (
    bytes(digits[byte % len(digits)] for byte in range(256))
    for digits in (b"0123456789abcdef", b"89ab")
)
_UUID = 36
_AT_A_TIME = 64

# The second from which ids of chats count, and their digits to the base of 62.
_EPOCH = 1_576_800_000
_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase


def alphanumeric(length: int, rng: random.Random) -> str:
    """This number of random letters and digits."""
    # The bytes of `randbytes`, without its call, which each answer would make.
    data = rng.getrandbits(8 * length).to_bytes(length, "little")
    return data.translate(_OF_BYTE).decode()


def chat(rng: random.Random, now: float) -> str:
    """An id like chatcmpl-DmfZu2BjJmBGSSHpj9hWtFQYBUxYn (recorded 2026-06); its first five digits are its
    second, as in all recordings of 2024 to 2026."""
    return f"chatcmpl-{_moment(int(now))}{alphanumeric(24, rng)}"


@functools.lru_cache(8)
def _moment(now: int) -> str:
    second = max(0, now - _EPOCH)
    return "".join([_DIGITS[second // 62**place % 62] for place in range(4, -1, -1)])


def moment_of_chat(identifier: str) -> int:
    """The second since 1970 in which the chat of an id was answered."""
    second = 0
    for digit in identifier.removeprefix("chatcmpl-")[:5]:
        second = 62 * second + _DIGITS.index(digit)
    return _EPOCH + second


def completion(rng: random.Random) -> str:
    """An id like cmpl-80yXLPWze5qul39qHFOlO1j7VViFv (recorded 2023)."""
    return f"cmpl-{alphanumeric(29, rng)}"


class RequestIds:
    """Version 4 UUIDs, made many at a time: one by one they would cost each answer ten times as much."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._ready: list[str] = []

    def next(self) -> str:
        """A new one; threads may ask as well."""
        try:
            return self._ready.pop()
        except IndexError:
            made = _uuids(self._rng, _AT_A_TIME)
            one = made.pop()
            self._ready = made
            return one


def request(rng: random.Random) -> str:
    """A version 4 UUID."""
    return _uuids(rng, 1)[0]


def _uuids(rng: random.Random, count: int) -> list[str]:
    text = bytearray(rng.randbytes(_UUID * count).translate(_HEXADECIMAL))
    for place in (8, 13, 18, 23):
        text[place::_UUID] = b"-" * count
    text[14::_UUID] = b"4" * count
    text[19::_UUID] = rng.randbytes(count).translate(_VARIANTS)
    whole = text.decode()
    return [whole[start : start + _UUID] for start in range(0, len(whole), _UUID)]


def audio(rng: random.Random) -> str:
    """An id like audio_67b5a1c2e4a08190a1f0d3c5b7e9f1a3."""
    return f"audio_{rng.getrandbits(128):032x}"


def anthropic(kind: str, rng: random.Random) -> str:
    """An id like msg_01XFDUDYJgAACzvnptvVoYEL, req_… or toolu_… (Anthropic's page on messages)."""
    return f"{kind}_01{alphanumeric(22, rng)}"


def tool_call(rng: random.Random) -> str:
    """An id like call_kL0PCQV7M2WMoVX8V8OtYSAL (recorded 2025-03)."""
    return f"call_{alphanumeric(24, rng)}"
