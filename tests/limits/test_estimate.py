import pytest

from simulator.limits.estimate import EstimateRule, TokenDemand, estimator


@pytest.mark.parametrize(
    ("rule", "characters", "tokens", "max_tokens", "expected"),
    [
        ("documented", 40, 9, 100, 110),
        ("documented", 41, 9, None, 651),
        ("measured-2024", 28, 7, None, 648),
        ("measured-2024", 233, 50, None, 699),
        ("measured-2024", 28, 7, 2_000, 2_008),
        ("measured-2024-turbo", 400, 90, None, 16),
        ("measured-2024-turbo", 400, 90, 50, 50),
        ("measured-2025", 41, 9, 300, 11),
        ("measured-2025", 23, 6, 300, 6),
        ("measured-2026", 34, 8, None, 14),
        ("measured-2026", 16, 6, 300, 12),
    ],
)
def test_a_chat_costs_what_the_rule_says(
    rule: EstimateRule, characters: int, tokens: int, max_tokens: int | None, expected: int
) -> None:
    assert (
        estimator(rule)(TokenDemand(characters, tokens, max_tokens, assumed_tokens=640)) == expected
    )


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("documented", 3),
        ("measured-2024", 3),
        ("measured-2024-turbo", 3),
        ("measured-2025", 3),
        ("measured-2026", 2),
    ],
)
def test_embeddings_cost_their_input_alone(rule: EstimateRule, expected: int) -> None:
    assert estimator(rule)(TokenDemand(9, 2, max_tokens=50)) == expected


@pytest.mark.parametrize("rule", ["documented", "measured-2024", "measured-2024-turbo"])
def test_every_choice_costs_its_max_tokens(rule: EstimateRule) -> None:
    one = estimator(rule)(TokenDemand(40, 9, 100, assumed_tokens=640))
    assert estimator(rule)(TokenDemand(40, 9, 100, choices=3, assumed_tokens=640)) == one + 200


def test_a_completion_of_unset_length_counts_for_sixteen() -> None:
    assert estimator("documented")(TokenDemand(40, 9, assumed_tokens=16)) == 26
