import pytest

from simulator.messages import Request, Usage
from simulator.recordings.exchange import Exchange, Piece
from simulator.recordings.listing import rows, shown, table
from simulator.recordings.store import RecordingStore
from simulator.storage.memory import MemoryContainer
from tests.support.clock import Clock

KEYS = [f"{number:032x}" for number in range(1, 9)]


@pytest.fixture
def container():
    return MemoryContainer()


async def keep(container, name, body, **fields):
    exchange = Exchange(
        Request("POST", "/", body=body), 200, {}, (Piece(b"{}", 1480),), 1480, **fields
    )
    await RecordingStore(container, Clock()).keep(name, exchange)


async def listed(container):
    return [row async for row in rows(container)]


@pytest.mark.parametrize(
    ("body", "prompt"),
    [
        (b'{"messages":[{"role":"user","content":"What is\\n Azure?"}]}', "What is Azure?"),
        (b'{"messages":[{"content":"first"},{"content":"last"},{"content":null}]}', "last"),
        (
            b'{"messages":[{"content":[{"type":"text","text":"in parts"},{"type":"image_url"}]}]}',
            "in parts",
        ),
        (b'{"input":"to embed"}', "to embed"),
        (b'{"input":["one","two"]}', "two"),
        (b'{"prompt":"to complete"}', "to complete"),
        (b'{"prompt":[1,2,3]}', ""),
        (b'{"prompt": "spaced like by hand","n":1}', "spaced like by hand"),
        (b'{"other":1}', ""),
        (b"[" * 100_000, ""),
        (b"[]", ""),
        (b"--boundary", ""),
        (b'{"prompt":"%b"}' % (b"word " * 50), "word word word word word word word word word wo…"),
    ],
)
async def test_a_row_shows_the_first_words_that_were_asked(container, body, prompt):
    await keep(container, f"v1/gpt-4o/chat-completions/{KEYS[0]}.json", body)
    (row,) = await listed(container)
    assert row.prompt == prompt


async def test_a_row_shows_where_it_belongs_and_what_it_cost(container):
    await keep(container, f"v1/gpt-4o/chat-completions/{KEYS[0]}.json", b"", usage=Usage(11, 42))
    await keep(container, f"legacy/{KEYS[1]}.json", b"")
    await container.put("v1/gpt-4o/chat-completions/readme.txt", b"")
    legacy, row = await listed(container)
    assert row.cells()[1:] == ("gpt-4o", "chat-completions", KEYS[0], "11+42", "1480 ms", "")
    assert (legacy.deployment, legacy.operation) == ("legacy", "legacy")


async def test_a_broken_recording_is_listed_with_its_fault(container):
    await container.put(f"v1/gpt-4o/chat-completions/{KEYS[0]}.json", b"{")
    (row,) = await listed(container)
    assert row.prompt.startswith("broken: ")


async def test_a_recording_that_goes_while_it_is_listed_is_left_out(container):
    class Going(MemoryContainer):
        async def get(self, name):
            await self.delete(name)
            return await super().get(name)

    going = Going()
    await going.put(f"v1/gpt-4o/chat-completions/{KEYS[0]}.json", b"{")
    assert await listed(going) == []
    assert await shown(going, KEYS[0]) == []


async def test_the_table_has_columns(container):
    for key in KEYS[:2]:
        await keep(container, f"v1/a/b/{key}.json", b'{"prompt":"p"}')
    assert table(await listed(container)) == [
        "deployment  operation  recording                         tokens  duration  prompt",
        f"a           b          {KEYS[0]}          1480 ms   p",
        f"a           b          {KEYS[1]}          1480 ms   p",
    ]


async def test_a_recording_is_shown_by_its_name_or_the_start_of_its_key(container):
    names = [f"v1/a/b/{key}.json" for key in KEYS]
    for name in names:
        await keep(container, name, b"{}")
    assert [name for name, _ in await shown(container, names[0])] == [names[0]]
    assert [name for name, _ in await shown(container, KEYS[1])] == [names[1]]
    assert [name for name, _ in await shown(container, "0000")] == names
    assert '"schema": 1' in (await shown(container, KEYS[1]))[0][1]
    assert await shown(container, "ffff") == []
