"""The commands of README and docs that the tests do not run, each with the reason."""

ELSEWHERE = {
    r"(\w+=\S+ +)*az |TENANT=\$\(az ": "needs a subscription of Azure; CI builds the Bicep files",
    r"azd up": "needs a subscription of Azure",
    r"make (deploy|destroy|show-logs)": "needs a subscription of Azure; tests/scripts runs deploy.sh",
    r"docker |make docker-": "needs Docker; CI builds both images and starts one",
    r"func |make func-start": "needs Core Tools; tests/functions runs the worker that they start",
    r"uvx |uv run |pip install": "downloads; the nightly workflow installs the wheel",
    r"make (setup|dev|wheelhouse)": "downloads; every run of CI begins with it",
    r"make (check|test|fix|audit|lock)\b": "checks the project itself, as CI does",
    r"\.venv/bin/python -m pytest|\.venv/bin/pre-commit": "runs these tests, or is run by git",
    r"make (bench|soak|fuzz)": "takes minutes to hours; nightly, and tests/soak runs the parts",
    r"make (package|wheel|sbom)": "tests/package builds and runs what it builds",
    r"make (try-clients|try-gateway)": "downloads 21 stacks; nightly",
    r"make load-test|locust ": "takes a minute or machines; tests/loadtest runs the scenarios",
    r"make azurite": "has a fixed port; tests/infra/test_make_azurite.py starts it at another one",
    r"make run WORKERS": "takes seconds; tests/commands/test_several_workers.py serves with workers",
    r"python -m tests\.rules\.golden": "writes files of the tests; test_golden.py compares with them",
    r"python -m simulator latency learn --resource": "needs a fleet's recordings; "
    "tests/commands/test_latency.py learns from some",
    r"python scripts/models_page.py": "writes a page; tests/catalogue holds the page to the table",
}
"""What a command begins with, as a pattern."""
