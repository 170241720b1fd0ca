from simulator.text_table import aligned


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    rows = [("name", "tokens"), ("chat", ""), ("embeddings", "12")]
    assert aligned(rows) == ["name        tokens", "chat", "embeddings  12"]


def test_no_rows_are_no_lines() -> None:
    assert aligned([]) == []
