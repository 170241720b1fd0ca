"""Run every script of examples/clients against a simulator, each in an environment of its own.

    python scripts/try_clients.py [NAME…]

`uv` installs what the head of a Python script names; a script for Node.js names its packages in its
first line. Semantic Kernel takes https alone, so all of them are run over TLS.
Prints a line for each; the exit code is 1 if one has failed.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
CLIENTS = ROOT / "examples" / "clients"
KEY = "any-key"
SERVE = (sys.executable, "-m", "simulator", "--fast", "--tls", "--port", "0")
SETTINGS = {
    "SIMULATOR_API_KEY": KEY,
    "OPENAI_DEPLOYMENT_CONFIG_PATH": "examples/foundry/deployments.json",
    "ALLOW_UNDEFINED_OPENAI_DEPLOYMENTS": "true",
}
_WITHIN = 600


def environment(endpoint: str, printed: dict[str, str]) -> dict[str, str]:
    """Return the variables that the scripts read."""
    return {
        **os.environ,
        **printed,
        "AZURE_OPENAI_ENDPOINT": endpoint,
        "AZURE_OPENAI_API_KEY": KEY,
        "OPENAI_API_KEY": KEY,
        "OPENAI_API_VERSION": "2024-10-21",
        "OPENAI_BASE_URL": f"{endpoint}/openai/v1/",
    }


def command(script: Path, folder: Path) -> list[str]:
    """Return the command that runs a script; packages of Node.js are installed into the folder."""
    if script.suffix == ".py":
        return ["uv", "run", "--quiet", "--no-project", str(script)]
    found = re.match(r"// npm install (.*)", script.read_text(encoding="utf-8"))
    packages = found[1].split() if found else []
    install = ["npm", "install", "--silent", "--no-audit", "--no-fund", *packages]
    subprocess.run(install, cwd=folder, check=True)
    copy = folder / script.name
    copy.write_bytes(script.read_bytes())
    return ["node", str(copy)]


def tried(script: Path, variables: dict[str, str]) -> bool:
    """Run one script, and say in a line what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            command(script, Path(folder)),
            env=variables,
            capture_output=True,
            text=True,
            timeout=_WITHIN,
            check=False,
        )
    output = (done.stdout if done.returncode == 0 else done.stderr).strip()
    last = output.rpartition("\n")[2]
    print(
        f"{'ok    ' if done.returncode == 0 else 'FAILED'} {script.name}: {last[:100]}", flush=True
    )
    return done.returncode == 0


def main(names: list[str]) -> int:
    scripts = [
        script
        for script in sorted(CLIENTS.iterdir())
        if script.suffix in (".py", ".mjs") and (not names or script.stem in names)
    ]
    with subprocess.Popen(
        SERVE, cwd=ROOT, env={**os.environ, **SETTINGS}, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None  # noqa: S101 - a pipe, as asked for above
        try:
            variables = environment(*_greeting(process.stdout))
            results = [tried(script, variables) for script in scripts]
        finally:
            process.terminate()
    return 0 if all(results) else 1


def _greeting(lines: IO[str]) -> tuple[str, dict[str, str]]:
    """The endpoint and the variables that the start prints."""
    endpoint = lines.readline().strip().rpartition(" ")[2]
    printed: dict[str, str] = {}
    while "NODE_EXTRA_CA_CERTS" not in printed:
        name, _, value = lines.readline().strip().partition("=")
        if name.isupper():
            printed[name] = value
    return endpoint, printed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
