"""Lark grammars of custom tools, as Codex and OpenAI's guide have them, and texts that follow them."""

import json
import random
import re
import time

import pytest

from simulator.budget import Budget
from simulator.json_schema.errors import UnsatisfiableSchema
from simulator.synthesis.lark_text import text_of_grammar

PATCH = """start: begin_patch hunk+ end_patch
begin_patch: "*** Begin Patch" LF
end_patch: "*** End Patch" LF?

hunk: add_hunk | delete_hunk | update_hunk
add_hunk: "*** Add File: " filename LF add_line+
delete_hunk: "*** Delete File: " filename LF
update_hunk: "*** Update File: " filename LF change_move? change?

filename: /(.+)/
add_line: "+" /(.*)/ LF -> line

change_move: "*** Move to: " filename LF
change: (change_context | change_line)+ eof_line?
change_context: ("@@" | "@@ " /(.+)/) LF
change_line: ("+" | "-" | " ") /(.*)/ LF
eof_line: "*** End of File" LF

%import common.LF
"""
SUMS = """
start: expr
expr: term (SP ADD SP term)* -> add  // a sum
| term
term: factor (SP MUL SP factor)* -> mul
| factor
factor: INT
SP: " "
ADD: "+"
MUL: "*"
%import common.INT
"""
VALUES = r"""
?start: value
?value: object | array | ESCAPED_STRING | SIGNED_NUMBER -> number | "true" | "false" | "null"
array: "[" [value ("," value)*] "]"
object: "{" [pair ("," pair)*] "}"
pair: ESCAPED_STRING ":" value
%import common (ESCAPED_STRING, SIGNED_NUMBER, WS)
%ignore WS
"""
STEPS = """
start: step~2..3 ";" # steps
!step: "go\\x21" NAME [TIMES] | /stop\\/halt/
NAME.2: "a".."f" DIGIT~2
TIMES: "x" COUNT
%import common.DIGIT
%import common.INT -> COUNT
%ignore /\\s+/
"""
_HUNK = r"\*\*\* (Add File: \w+\n(\+\w*\n)+|Delete File: \w+\n|Update File: \w+\n(\*\*\* Move to: \w+\n)?"
EXPECTED = {
    PATCH: rf"\*\*\* Begin Patch\n({_HUNK}(@@( \w+)?\n|[+ -]\w*\n)*(\*\*\* End of File\n)?))+\*\*\* End Patch\n?",
    SUMS: r"\d+( [+*] \d+)*",
    STEPS: r"((go! [a-f]\d\d( x\d+)?|stop/halt) ){2,3};",
}


def text(grammar: str, seed: int = 0) -> str:
    return text_of_grammar(grammar, random.Random(seed), Budget(time.thread_time, 5))


@pytest.mark.parametrize("grammar", EXPECTED, ids=["patch", "sums", "steps"])
def test_what_is_written_follows_the_grammar(grammar: str) -> None:
    texts = {text(grammar, seed) for seed in range(100)}
    assert len(texts) > 10
    assert [one for one in texts if not re.fullmatch(EXPECTED[grammar], one)] == []


def test_rules_that_hold_themselves_come_to_an_end() -> None:
    values = [json.loads(text(VALUES, seed)) for seed in range(100)]
    assert {type(value) for value in values} >= {dict, list, str, int}
    deep = "start: start start | one\n" + 'one: "1"'
    assert all(set(text(deep, seed)) == {"1"} for seed in range(100))


@pytest.mark.parametrize(
    "grammar",
    [
        "",
        "begin: 'a'",
        'start: "a" start',
        "start: missing",
        "start: list{item}",
        'start: ("a"',
        'start: "a"~x',
        "start: %",
        'one: "a"',
        "%import common.NOTHING\nstart: NOTHING",
        "start: " + "(" * 100 + '"a"' + ")" * 100,
        'start: "a"~9999',
        'start: "a"' + " " * 20_000,
        "start: /[/",
    ],
)
def test_of_what_cannot_be_followed_there_is_no_text(grammar: str) -> None:
    with pytest.raises(UnsatisfiableSchema):
        text(grammar)
