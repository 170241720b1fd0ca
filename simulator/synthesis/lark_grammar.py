"""Lark grammars, as custom tools have them, as trees.

Read is what OpenAI's guide takes: rules and terminals with `|`, `?`, `*`, `+`, `~`, groups, ranges,
priorities, aliases, `%ignore`, and `%import` of Lark's common terminals; no templates.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from simulator.json_schema.errors import UnsatisfiableSchema

LONGEST_GRAMMAR = 20_000
_MOST_RULES, _MOST_GROUPS = 500, 50
_COMMON: Mapping[str, str] = {
    "C_COMMENT": r"/\*[a-z]{4}\*/",
    "CNAME": "[a-z][a-z0-9_]{2,6}",
    "CPP_COMMENT": "//[a-z]{4}",
    "CR": r"\r",
    "DECIMAL": r"[1-9]\.[0-9]",
    "DIGIT": "[0-9]",
    "ESCAPED_STRING": '"[a-z]{4}"',
    "FLOAT": r"[1-9]\.[0-9]",
    "HEXDIGIT": "[0-9a-f]",
    "INT": "[1-9][0-9]?",
    "LCASE_LETTER": "[a-z]",
    "LETTER": "[a-zA-Z]",
    "LF": r"\n",
    "NEWLINE": r"\n",
    "NUMBER": "[1-9][0-9]?",
    "SH_COMMENT": "#[a-z]{4}",
    "SIGNED_FLOAT": r"-?[1-9]\.[0-9]",
    "SIGNED_INT": "-?[1-9][0-9]?",
    "SIGNED_NUMBER": "-?[1-9][0-9]?",
    "SQL_COMMENT": "--[a-z]{4}",
    "UCASE_LETTER": "[A-Z]",
    "WORD": "[a-z]{4}",
    "WS": " ",
    "WS_INLINE": " ",
}
"""Lark's common terminals, each as what is written for it."""
_TOKENS = re.compile(
    r"""
      (?P<blank> \s+ | //[^\n]* | \#[^\n]* )
    | ^ (?P<head> [!?]* [A-Za-z_]\w* ) (?= \s* (?: \.\s*-?\d+ \s* )? : )
    | (?P<directive> %[a-z]+ )
    | (?P<string> " (?: \\. | [^"\\\n] )* " i? )
    | (?P<regexp> / (?!/) (?: \\. | [^/\\\n] )+ / [imslux]* )
    | (?P<name> [A-Za-z_]\w* )
    | (?P<number> -?\d+ )
    | (?P<mark> \.\. | -> | [|()\[\]?*+~:,.] )
    """,
    re.VERBOSE | re.MULTILINE,
)
_ESCAPED = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}
_MARKED = {"?": (0, 1), "*": (0, math.inf), "+": (1, math.inf)}


class Text(NamedTuple):
    text: str


class Expression(NamedTuple):
    pattern: str


class Name(NamedTuple):
    name: str


class Sequenced(NamedTuple):
    parts: "Sequence[Part]"


class Choice(NamedTuple):
    ways: "Sequence[Part]"


class Repeat(NamedTuple):
    part: "Part"
    least: int
    most: float


Part: TypeAlias = Text | Expression | Name | Sequenced | Choice | Repeat


@dataclass(slots=True)
class Grammar:
    """The rules and terminals by their names; `spaced` if blanks between terminals are ignored."""

    rules: dict[str, Part] = field(default_factory=dict[str, Part])
    spaced: bool = False


class _Token(NamedTuple):
    kind: str
    text: str


_END = _Token("end", "")


def read_grammar(definition: str) -> Grammar:
    """Return the grammar; raises UnsatisfiableSchema for what cannot be read."""
    if len(definition) > LONGEST_GRAMMAR:
        raise UnsatisfiableSchema("the grammar is too long")
    return _Reader(definition).grammar()


class _Reader:
    """Reads a grammar from its beginning to its end."""

    def __init__(self, definition: str) -> None:
        self._tokens = _tokens(definition)
        self._at = 0
        self._groups = 0

    def grammar(self) -> Grammar:
        found = Grammar()
        while (token := self._next()) is not _END:
            if token.kind == "head":
                if self._takes("."):
                    self._next()
                self._expect(":")
                found.rules[token.text.lstrip("!?")] = self._choice()
            elif token.text == "%ignore":
                found.spaced |= _is_blank(self._choice(), found)
            elif token.text == "%import":
                found.rules |= self._imported()
            else:
                raise UnsatisfiableSchema(f"the grammar has {token.text!r} out of place")
        if "start" not in found.rules or len(found.rules) > _MOST_RULES:
            raise UnsatisfiableSchema("the grammar has no rule 'start', or too many rules")
        return found

    def _peek(self) -> _Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else _END

    def _next(self) -> _Token:
        token = self._peek()
        self._at += 1
        return token

    def _takes(self, mark: str) -> bool:
        found = self._peek() == ("mark", mark)
        self._at += found
        return found

    def _expect(self, mark: str) -> None:
        if not self._takes(mark):
            raise UnsatisfiableSchema(f"the grammar lacks {mark!r}")

    def _imported(self) -> dict[str, Part]:
        """The terminals of `%import common.NAME`, with its alias, or of `%import common (NAME, …)`."""
        self._next()
        if self._takes("("):
            names = [self._next().text]
            while self._takes(","):
                names.append(self._next().text)
            self._expect(")")
            return {name: _common(name) for name in names}
        self._expect(".")
        name = self._next().text
        return {self._next().text if self._takes("->") else name: _common(name)}

    def _choice(self) -> Part:
        ways = [self._sequence()]
        while self._takes("|"):
            ways.append(self._sequence())
        return ways[0] if len(ways) == 1 else Choice(ways)

    def _sequence(self) -> Part:
        parts: list[Part] = []
        while self._peek().kind in ("name", "string", "regexp") or self._peek().text in ("(", "["):
            parts.append(self._repeated())
        if self._takes("->"):
            self._next()
        return parts[0] if len(parts) == 1 else Sequenced(parts)

    def _repeated(self) -> Part:
        part = self._atom()
        mark = self._peek()
        if mark.kind == "mark" and mark.text in _MARKED:
            self._next()
            return Repeat(part, *_MARKED[mark.text])
        if not self._takes("~"):
            return part
        least = most = self._number()
        if self._takes(".."):
            most = self._number()
        return Repeat(part, least, most)

    def _number(self) -> int:
        token = self._next()
        if token.kind != "number" or len(token.text) > len("1000"):
            raise UnsatisfiableSchema("the grammar repeats something not by a number")
        return max(0, int(token.text))

    def _atom(self) -> Part:
        token = self._next()
        if token.text in ("(", "[") and token.kind == "mark":
            self._groups += 1
            if self._groups > _MOST_GROUPS:
                raise UnsatisfiableSchema("the grammar has too many groups in each other")
            part = self._choice()
            self._groups -= 1
            self._expect(")" if token.text == "(" else "]")
            return part if token.text == "(" else Repeat(part, 0, 1)
        if token.kind == "string":
            text = _unquoted(token.text)
            if self._takes(".."):
                return Expression(f"[{re.escape(text)}-{re.escape(_unquoted(self._next().text))}]")
            return Text(text)
        if token.kind == "regexp":
            return Expression(token.text[1 : token.text.rindex("/")].replace("\\/", "/"))
        return Name(token.text)


def _tokens(definition: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    while at < len(definition):
        match = _TOKENS.match(definition, at)
        if match is None or match.lastgroup is None:
            raise UnsatisfiableSchema(f"the grammar has {definition[at]!r} out of place")
        at = match.end()
        if match.lastgroup != "blank":
            found.append(_Token(match.lastgroup, match[match.lastgroup]))
    return found


def _unquoted(text: str) -> str:
    return _ESCAPED.sub(_character, text.removesuffix("i")[1:-1])


def _character(escaped: re.Match[str]) -> str:
    code = escaped[1] or escaped[2]
    return chr(int(code, 16)) if code else _ESCAPES.get(escaped[3], escaped[3])


def _common(name: str) -> Part:
    if name not in _COMMON:
        raise UnsatisfiableSchema(f"the grammar imports {name!r}")
    return Expression(_COMMON[name])


def _is_blank(part: Part, grammar: Grammar) -> bool:
    """Return True for what a single blank is."""
    match part:
        case Text(text) | Expression(text):
            return " " in text or "\\s" in text
        case Name(name):
            return name in grammar.rules and _is_blank(grammar.rules[name], Grammar())
        case Repeat(inner):
            return _is_blank(inner, grammar)
        case Choice(ways):
            return any(_is_blank(way, grammar) for way in ways)
        case Sequenced():
            return False
