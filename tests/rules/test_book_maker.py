import asyncio
import contextlib
import threading
from collections.abc import Callable

from simulator.rules.book import Placed, RuleBook
from simulator.rules.book_maker import BookMaker
from simulator.rules.document import read_rules


def placed(number: int) -> list[Placed]:
    rules = read_rules([{"when": {"contains": "x"}, "reply": "y"}] * number)
    return [Placed(rule, "http", 0.0) for rule in rules]


class World:
    """Rules that change, and the threads that their books were made on."""

    def __init__(self, number: int) -> None:
        self.placed = placed(number)
        self.threads: list[int] = []
        self.making, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()

    def prepare(self) -> tuple[int, Callable[[], RuleBook]]:
        found = self.placed

        def make() -> RuleBook:
            self.threads.append(threading.get_ident())
            if self.placed:
                self.making.set()
            assert self.go_on.wait(60)
            return RuleBook(found)

        return len(found), make


async def test_a_book_of_many_rules_is_made_once_and_on_a_thread() -> None:
    world = World(0)
    books = BookMaker(world.prepare)
    assert books.empty
    world.placed = placed(100)
    books.outdate()
    assert not books.empty, "nobody knows yet that there are none"
    found = await asyncio.gather(*(books.newest() for _ in range(10)))
    assert {len(book.placed) for book in found} == {100}
    assert len(world.threads) == 2
    assert world.threads[1] != threading.get_ident()


async def being_made() -> tuple[World, BookMaker, asyncio.Task[RuleBook]]:
    """A book of 100 rules that is waited for, and made until `go_on` is set."""
    world = World(0)
    books = BookMaker(world.prepare)
    world.placed = placed(100)
    books.outdate()
    world.go_on.clear()
    waiting = asyncio.create_task(books.newest())
    assert await asyncio.to_thread(world.making.wait, 60)
    return world, books, waiting


async def test_a_book_is_made_again_when_who_waited_for_it_has_left() -> None:
    world, books, left = await being_made()
    left.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await left
    world.go_on.set()
    assert len((await books.newest()).placed) == 100


async def test_rules_that_change_while_a_book_is_made_are_in_the_next_one() -> None:
    world, books, waiting = await being_made()
    world.placed = placed(70)
    books.outdate()
    world.go_on.set()
    assert len((await waiting).placed) == 70
