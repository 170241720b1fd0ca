"""The files of the console as they are served."""

import re
from pathlib import Path

import httpx2
import pytest

from tests.conftest import KEY, Serve

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "simulator" / "console"
HTML = {"accept": "text/html,*/*"}


def test_a_browser_gets_the_page_and_everybody_else_json(server: str) -> None:
    assert httpx2.get(server).json()["message"].endswith("is running")
    page = httpx2.get(server, headers=HTML)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert httpx2.get(f"{server}/++/console").content == page.content


def test_the_page_loads_nothing_from_elsewhere(server: str) -> None:
    page = httpx2.get(server, headers=HTML)
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for path in FOLDER.rglob("*.*"):
        if path.suffix in {".html", ".css", ".js"} and "vendor" not in path.parts:
            sources = re.findall(
                r"(?:src|href|from|import)\s*=?\s*[\"'(](https?:)", path.read_text()
            )
            assert sources == [], path


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.*")), ids=lambda path: path.name)
def test_each_file_is_served_and_revalidated(server: str, path: Path) -> None:
    address = f"{server}/++/console/{path.name}"
    answer = httpx2.get(address)
    if path.suffix not in {".html", ".css", ".js"}:
        assert answer.status_code == 404
        return
    assert answer.content == path.read_bytes()
    again = httpx2.get(address, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["nothing.js", "..%2f..%2fapp.py", "%2e%2e", "vendor"])
def test_nothing_else_is_served(server: str, name: str) -> None:
    answer = httpx2.get(f"{server}/++/console/{name}", headers={"api-key": KEY})
    assert answer.status_code == 404


def test_the_console_can_be_switched_off(serve: Serve) -> None:
    url = serve(console=False)
    assert httpx2.get(f"{url}/++/console").status_code == 404
    assert httpx2.get(f"{url}/++/console/console.js").status_code == 404
    assert httpx2.get(url, headers=HTML).headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("uPlot.js", "dist/uPlot.esm.js"),
        ("uPlot.css", "dist/uPlot.min.css"),
        ("uPlot.LICENSE", "LICENSE"),
    ],
)
def test_the_charts_library_is_the_package_of_its_makers(ours: str, theirs: str) -> None:
    package = ROOT / "node_modules" / "uplot" / theirs
    assert (FOLDER / "vendor" / ours).read_bytes() == package.read_bytes()


@pytest.mark.parametrize(("console", "status"), [(None, 404), (True, 200)])
def test_on_azure_it_is_served_only_where_a_setting_says_so(
    serve: Serve, console: bool | None, status: int
) -> None:
    url = serve(on_azure=True, console=console)
    for path in ("/++/console", "/++/console/console.js"):
        assert httpx2.get(url + path).status_code == status
    page = httpx2.get(url, headers=HTML)
    assert page.headers["content-type"].startswith("text/html") is (status == 200)


def test_nothing_with_data_is_cached(http: httpx2.Client) -> None:
    for path in ("requests", "verdict", "costs", "limits", "rules", "config", "recordings"):
        assert http.get(f"/++/{path}").headers["cache-control"] == "no-store", path
