from simulator.caching import LONGEST_KEY, cached, cached_by_two


def test_results_of_short_texts_are_remembered_and_those_of_long_ones_are_not():
    asked: list[str] = []

    def upper(text: str) -> str:
        asked.append(text)
        return text.upper()

    find = cached(upper, most=10)
    long = "a" * (LONGEST_KEY + 1)
    assert [find("a"), find("a"), find(long), find(long)] == ["A", "A", long.upper(), long.upper()]
    assert asked == ["a", long, long]


def test_the_number_of_remembered_results_is_bounded():
    asked: list[str] = []
    find = cached_by_two(lambda one, two: asked.append(one + two), most=1)
    for one in "aba":
        find(one, "!")
    assert asked == ["a!", "b!", "a!"]
