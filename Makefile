# The only commands that people and CI use. `make help` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PORT ?= 8000
VENV := .venv
PY := $(VENV)/bin/python

# The first interpreter that really runs (a `python3.13` on the PATH may be a shim that fails).
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
  $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$p && break; done)

help: ## List the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-22s %s\n", $$1, $$2}'

$(VENV)/.runtime: requirements.txt
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11, 3.12 or 3.13 that runs was found; name one with PYTHON=..." >&2; exit 1; }
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements.txt $(VENV)/.runtime
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

node_modules/.installed: package-lock.json
	@command -v npm >/dev/null || { echo "make: 'npm' (Node.js) is not on the PATH; the tests run Azurite, which comes from it" >&2; exit 1; }
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

setup: $(VENV)/.runtime ## Make .venv with what the simulator needs, and nothing else
install-requirements: setup ## The same as setup
dev: $(VENV)/.dev ## Make .venv with the tools that check and test, too

run: $(VENV)/.runtime ## Set up and start at http://127.0.0.1:$(PORT)
	@$(PY) -m simulator serve --port $(PORT)
run-simulated-api: run ## The same as run

func-start: $(VENV)/.runtime ## Start the same app with Azure Functions Core Tools
	@command -v func >/dev/null || { echo "make: 'func' (Azure Functions Core Tools) is not on the PATH; 'make run' needs none" >&2; exit 1; }
	@source $(VENV)/bin/activate && func start --port $(PORT)

check: $(VENV)/.dev ## Format, lint, types, import rules
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/pyright
	@$(VENV)/bin/lint-imports --no-cache

fix: $(VENV)/.dev ## Mend what formatter and linter can mend
	@$(VENV)/bin/ruff check --fix .
	@$(VENV)/bin/ruff format .

test: $(VENV)/.dev node_modules/.installed ## Set up and run all tests, with coverage
	@$(PY) -m pytest -n 2 --cov --cov-report=term --cov-fail-under=95 $(ARGS)

azurite: node_modules/.installed ## Start Azurite, the storage emulator, for RecordingStorage=UseDevelopmentStorage=true
	@node_modules/.bin/azurite-blob --location .azurite --silent --skipApiVersionCheck --disableTelemetry

bench: $(VENV)/.dev ## Measure speed beside bare Starlette
	@$(PY) -m bench $(ARGS)

clean: ## Remove what setup made
	@rm -rf $(VENV) node_modules .pytest_cache .ruff_cache .hypothesis

.PHONY: azurite help setup install-requirements dev run run-simulated-api func-start check fix test bench clean
