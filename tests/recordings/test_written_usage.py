"""The usage of a recording, by which its replay is priced."""

from simulator.messages import Request, Usage
from simulator.recordings.document import document_of, exchange_of, parse, pretty
from simulator.recordings.exchange import Exchange, Piece


def test_the_usage_comes_back_with_its_tier_and_what_was_written_to_the_cache() -> None:
    usage = Usage(1, 2, 3, 4, written=5, tier="priority")
    request = Request("POST", "/openai/v1/responses", body=b"{}")
    exchange = Exchange(request, 200, {}, (Piece(b"{}", 0),), 9, usage=usage)
    assert exchange_of(parse(pretty(document_of(exchange)))).usage == usage
