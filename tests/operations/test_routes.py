import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.operations.routes import Route, RouteTable

CHAT = "openai/deployments/{deployment}/chat/completions"


def table() -> RouteTable[str]:
    return RouteTable(
        [
            (Route("GET", "openai/{anything}/{id}"), "two parameters"),
            (Route("POST", CHAT), "chat"),
            (Route("GET", "openai/responses/{id}"), "response"),
            (Route("GET", "openai/responses/latest"), "literal"),
            (Route("GET", ""), "root"),
        ]
    )


def found(method: str, path: str) -> str | None:
    match = table().find(method, path)
    return match.target if match else None


@pytest.mark.parametrize(
    ("method", "path", "target"),
    [
        ("POST", "/openai/deployments/gpt-4o/chat/completions", "chat"),
        ("POST", "/openai/deployments/gpt-4o/chat/completions/", "chat"),
        ("GET", "/openai/deployments/gpt-4o/chat/completions", None),
        ("POST", "/openai/deployments/chat/completions", None),
        ("POST", "/openai/deployments/a/b/chat/completions", None),
        ("POST", "/openai/deployments/gpt-4o/chat", None),
        ("GET", "/", "root"),
        ("GET", "", "root"),
        ("HEAD", "/", None),
        ("GET", "/openai/responses/latest", "literal"),
        ("GET", "/openai/responses/resp_1", "response"),
        ("GET", "/openai/other/1", "two parameters"),
        ("POST", "/OpenAI/Deployments/gpt-4o/CHAT/completions", "chat"),
        ("GET", "/openai/responses/LATEST", "literal"),
    ],
)
def test_a_path_leads_to_its_operation(method: str, path: str, target: str | None) -> None:
    assert found(method, path) == target


def test_a_parameter_keeps_its_case_and_a_text_after_it_has_none() -> None:
    routes = RouteTable([(Route("POST", "models/{name}:analyze"), "analyze")])
    match = routes.find("POST", "/Models/My-Model:ANALYZE")
    assert match is not None
    assert dict(match.parameters) == {"name": "My-Model"}


def test_a_match_has_the_template_and_the_values() -> None:
    match = table().find("POST", "/openai/deployments/my gpt/chat/completions")
    assert match is not None
    assert (match.template, dict(match.parameters)) == (CHAT, {"deployment": "my gpt"})


@given(st.text(st.characters(exclude_characters="/"), min_size=1))
def test_any_name_without_a_slash_is_a_parameters_value(name: str) -> None:
    match = table().find("POST", f"/openai/deployments/{name}/chat/completions")
    assert match is not None
    assert match.parameters["deployment"] == name


@given(st.text())
def test_no_path_breaks_the_table(path: str) -> None:
    table().find("GET", path)


def test_a_parameter_is_never_empty() -> None:
    assert Route("GET", "a/{b}").parameters_of(("a", "")) is None


@pytest.mark.parametrize(
    ("template", "path", "parameters"),
    [
        ("models/{model}:analyze", "/models/m:analyze", {"model": "m"}),
        ("models/{model}:analyze", "/models/a:b:analyze", {"model": "a:b"}),
        ("models/{model}:analyze", "/models/m", None),
        ("models/{model}:analyze", "/models/:analyze", None),
        ("models/{model}:analyze", "/models/m:analyze/x", None),
        ("echo/{*path}", "/echo", {"path": ""}),
        ("echo/{*path}", "/echo/a", {"path": "a"}),
        ("echo/{*path}", "/echo/a/b/", {"path": "a/b"}),
        ("echo/{*path}", "/echoes", None),
        ("{one}/{*rest}", "/a/b/c", {"one": "a", "rest": "b/c"}),
        ("{*all}", "/", {"all": ""}),
    ],
)
def test_a_parameter_may_have_a_suffix_or_take_the_rest(
    template: str, path: str, parameters: dict[str, str] | None
) -> None:
    match = RouteTable([(Route("GET", template), "it")]).find("GET", path)
    assert (match and dict(match.parameters)) == parameters


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/a/m:x", "suffixed"),
        ("/a/m", "parameter"),
        ("/a/b", "literal"),
        ("/a/b/c", "open"),
        ("/z", "anything"),
    ],
)
def test_the_more_is_said_of_a_path_the_earlier_it_is_tried(path: str, target: str) -> None:
    templates = {
        "{*all}": "anything",
        "a/{*rest}": "open",
        "a/{one}": "parameter",
        "a/{one}:x": "suffixed",
        "a/b": "literal",
    }
    table = RouteTable([(Route("GET", template), named) for template, named in templates.items()])
    match = table.find("GET", path)
    assert match is not None
    assert match.target == target
