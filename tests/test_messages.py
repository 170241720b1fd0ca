from simulator.messages import Answer, Chunk, Request, Usage


def test_a_query_has_the_last_of_repeated_parameters() -> None:
    request = Request("GET", "/", "a=1&a=2&b=&c=%C3%A9")
    assert dict(request.query) == {"a": "2", "b": "", "c": "é"}


def test_query_pairs_keep_repeated_parameters_in_order() -> None:
    assert Request("GET", "/", "a=1&b=3&a=2").query_pairs == (("a", "1"), ("b", "3"), ("a", "2"))


def test_usage_adds_up_without_counting_reasoning_twice() -> None:
    assert Usage(prompt=3, completion=5, reasoning=4).total == 8


def test_a_plain_answer_is_one_chunk() -> None:
    answer = Answer.plain(b"{}", due=0.5)
    assert answer.chunks == (Chunk(b"{}", 0.5),)
    assert not answer.streamed
