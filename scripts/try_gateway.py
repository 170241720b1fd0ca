"""Try a real gateway in front of a fleet: LiteLLM's proxy, which `uv` installs for the run.

    python scripts/try_gateway.py

Two resources have 300 and 60 requests a minute, and the proxy is told so. Prints what each back end
got and what the client saw; the exit code is 1 if the shares are not as the fleet file says, or if
the client saw an error while there was room.
"""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

KEY = "any-key"
PROXY_KEY = "sk-of-the-proxy"
SHARES = {"first": 300, "second": 60}
REQUESTS = 150
_STARTING = 300.0
_UV = Path(sys.executable).with_name("uv")
_LITELLM = (
    *(str(_UV), "tool", "run", "--python", sys.executable),
    *("--from", "litellm[proxy]", "litellm"),
)


def fleet() -> dict[str, Any]:
    """Return the fleet file, which has each back end's limit."""
    return {
        "resources": {
            name: {
                "region": name,
                "deployments": {"chat": {"model": "gpt-4.1", "requestsPerMinute": limit}},
            }
            for name, limit in SHARES.items()
        }
    }


def settings_of_proxy(address: str) -> dict[str, Any]:
    """Return LiteLLM's configuration: back ends in proportion to their limits, retries elsewhere."""
    return {
        "model_list": [
            {
                "model_name": "chat",
                "litellm_params": {
                    "model": "azure/chat",
                    "api_base": f"{address}/resources/{name}",
                    "api_key": KEY,
                    "api_version": "2024-10-21",
                    "rpm": limit,
                },
            }
            for name, limit in SHARES.items()
        ],
        "general_settings": {"master_key": PROXY_KEY},
        "router_settings": {"routing_strategy": "simple-shuffle", "num_retries": 3},
    }


@contextmanager
def running(command: list[str], **options: Any) -> Generator[subprocess.Popen[str]]:
    """Run a process, and end it."""
    with subprocess.Popen(command, text=True, **options) as process:
        try:
            yield process
        finally:
            process.terminate()


@contextmanager
def simulator(folder: Path) -> Generator[str]:
    """Yield the address of a simulator with the fleet."""
    path = folder / "fleet.json"
    path.write_text(json.dumps(fleet()), encoding="utf-8")
    command = [sys.executable, "-m", "simulator", "--port", "0", "--fleet", str(path), "--fast"]
    variables = {
        **os.environ,
        "SIMULATOR_API_KEY": KEY,
        "RATE_LIMIT_REQUEST_SLICE_SECONDS": "1",
    }
    with running(command, env=variables, stdout=subprocess.PIPE) as process:
        first_line = process.stdout.readline() if process.stdout else ""
        found = re.search(r"http://\S+", first_line)
        if found is None:
            raise SystemExit(f"the simulator does not start: {first_line}")
        yield found[0]


@contextmanager
def proxy(folder: Path, address: str) -> Generator[str]:
    """Yield the address of LiteLLM's proxy, once it answers."""
    path = folder / "litellm.json"
    path.write_text(json.dumps(settings_of_proxy(address)), encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [*_command(), "--config", str(path), "--host", "127.0.0.1", "--port", str(port)]
    with running(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        url = f"http://127.0.0.1:{port}"
        ends = time.monotonic() + _STARTING
        while not _answers(url):
            if process.poll() is not None or time.monotonic() > ends:
                raise SystemExit("LiteLLM's proxy does not start")
            time.sleep(0.5)
        yield url


def _command() -> list[str]:
    """Return what starts LiteLLM: LITELLM names one that is installed already."""
    installed = os.environ.get("LITELLM")
    return [installed] if installed else list(_LITELLM)


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/health/liveliness", timeout=5).ok
    except requests.RequestException:
        return False


def ask(url: str) -> int:
    """Send one chat through the proxy; return the status."""
    body = {"model": "chat", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 5}
    headers = {"authorization": f"Bearer {PROXY_KEY}"}
    return requests.post(
        f"{url}/chat/completions", json=body, headers=headers, timeout=60
    ).status_code


def served(address: str) -> Counter[str]:
    """Count the answers of each back end, as its journal has them."""
    answer = requests.get(
        f"{address}/++/requests?status=200&limit=1000", headers={"api-key": KEY}, timeout=30
    )
    return Counter(one["resource"] for one in answer.json()["requests"])


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with simulator(folder) as address, proxy(folder, address) as url:
            statuses: Counter[int] = Counter()
            for _ in range(REQUESTS):
                began = time.monotonic()
                statuses[ask(url)] += 1
                # Four requests a second, of which there is room for six.
                time.sleep(max(0.0, 0.25 - (time.monotonic() - began)))
            counted = served(address)
    share = counted["first"] / max(counted.total(), 1)
    wanted = SHARES["first"] / sum(SHARES.values())
    print(f"the client saw {dict(statuses)}")
    print(f"back ends answered {dict(counted)}: {share:.2f} of it the first, {wanted:.2f} expected")
    return int(statuses[200] < REQUESTS or abs(share - wanted) > 0.12)


if __name__ == "__main__":
    sys.exit(main())
