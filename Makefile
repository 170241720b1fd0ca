# The only commands that people and CI use. `make help` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PORT ?= 8000
VENV := .venv
PY := $(VENV)/bin/python
IMAGE ?= aoai-api-simulator

# unrestricted: everything from the registries; semi-restricted: only this machine reaches them;
# restricted: neither this machine nor Azure, everything comes from wheelhouse/.
NETWORK ?= unrestricted
ifeq ($(filter unrestricted semi-restricted restricted,$(NETWORK)),)
$(error NETWORK=$(NETWORK) is not one of unrestricted, semi-restricted, restricted)
endif
ifeq ($(NETWORK),restricted)
PIP_OPTIONS := --no-index --find-links wheelhouse
endif

# The first interpreter that really runs (a `python3.13` on the PATH may be a shim that fails).
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
  $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$p && break; done)

# Node.js runs Azurite, pyright and one of the tests' clients. The one on the PATH is taken first; the
# second comes in a wheel, and `make dev` links it into .venv.
export PATH := $(PATH):$(CURDIR)/$(VENV)/bin

help: ## List the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-27s %s\n", $$1, $$2}'

$(VENV)/.runtime: requirements.txt
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11, 3.12 or 3.13 that runs was found; name one with PYTHON=..." >&2; exit 1; }
	@test -z "$(PIP_OPTIONS)" -o -d wheelhouse || { echo "make: there is no wheelhouse/; 'make wheelhouse' fills it on a machine with a network" >&2; exit 1; }
	@echo "make: installing the libraries of requirements.txt into $(VENV), which takes a minute the first time" >&2
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install --quiet --disable-pip-version-check $(PIP_OPTIONS) -r requirements.txt
	@touch $@

$(VENV)/.loadtest: requirements-loadtest.txt $(VENV)/.runtime
	@$(PY) -m pip install --quiet --disable-pip-version-check $(PIP_OPTIONS) -r requirements-loadtest.txt
	@touch $@

$(VENV)/.workers: requirements-workers.txt $(VENV)/.runtime
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-workers.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements-workers.txt requirements-loadtest.txt requirements.txt $(VENV)/.runtime
	@echo "make: installing the tools of requirements-dev.txt into $(VENV)" >&2
	@$(PY) -m pip install --quiet --disable-pip-version-check $(PIP_OPTIONS) -r requirements-dev.txt
	@$(PY) scripts/link_node.py
	@touch $@

$(VENV)/.clients: requirements-clients.txt $(VENV)/.dev
	@rm -f $@
	@$(VENV)/bin/uv venv --quiet --clear --python $(PY) $(VENV)/clients
	@$(VENV)/bin/uv pip install --quiet --python $(VENV)/clients/bin/python --require-hashes -r requirements-clients.txt
	@touch $@

node_modules/.installed: package-lock.json $(VENV)/.dev
	@echo "make: installing the packages of package-lock.json into node_modules" >&2
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

setup: $(VENV)/.runtime ## Make .venv with what the simulator needs, and nothing else
install-requirements: setup ## The same as setup
dev: $(VENV)/.dev ## Make .venv with the tools that check and test, too

# Workers count limits in one place: in the Redis that is set, else in a Valkey that they start.
OWN_VALKEY := $(if $(RATE_LIMIT_REDIS_URL)$(filter restricted,$(NETWORK)),,$(VENV)/.workers)

run: $(VENV)/.runtime $(if $(WORKERS),$(OWN_VALKEY)) ## Set up and start at http://127.0.0.1:8000, or PORT= [WORKERS=N|auto]
	@$(PY) -m simulator serve --port $(PORT) $(if $(WORKERS),--workers $(WORKERS)) $(ARGS)
run-simulated-api: run ## The same as run

func-start: $(VENV)/.runtime ## Start the same app with Azure Functions Core Tools
	@command -v func >/dev/null || { echo "make: 'func' (Azure Functions Core Tools) is not on the PATH; 'make run' needs none" >&2; exit 1; }
	@source $(VENV)/bin/activate && func start --port $(PORT)

check: $(VENV)/.dev ## Format, lint, types, import rules, workflows
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/pyright
	@$(VENV)/bin/pyright -p tests
	@$(VENV)/bin/lint-imports --no-cache
	@$(VENV)/bin/zizmor --offline --quiet .github $(wildcard action.yml)

# `UPGRADE=1` takes the newest releases of what our pins need; UPGRADE=NAME one of them.
COMPILE = $(VENV)/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
  $(if $(UPGRADE),$(if $(filter 1,$(UPGRADE)),--upgrade,--upgrade-package $(UPGRADE)))

lock: $(VENV)/.dev ## Write the lock files after a change of a requirements*.in [UPGRADE=1|NAME]
	@$(COMPILE) requirements.in -o requirements.txt
	@$(COMPILE) requirements-loadtest.in -c requirements.txt -o requirements-loadtest.txt
	@$(COMPILE) requirements-workers.in -c requirements.txt -o requirements-workers.txt
	@$(COMPILE) requirements-clients.in -o requirements-clients.txt
	@$(COMPILE) requirements-dev.in -c requirements.txt -c requirements-loadtest.txt -c requirements-workers.txt -o requirements-dev.txt

audit: $(VENV)/.dev ## Look for known vulnerabilities in what is locked, and for weak workflows
	@$(VENV)/bin/pip-audit --disable-pip --require-hashes -r requirements.txt
	@$(VENV)/bin/pip-audit --disable-pip --require-hashes -r requirements-dev.txt
	@$(VENV)/bin/zizmor .github $(wildcard action.yml)

fix: $(VENV)/.dev ## Mend what formatter and linter can mend
	@$(VENV)/bin/ruff check --fix .
	@$(VENV)/bin/ruff format .

clients: $(VENV)/.clients ## Make the environment in which the tests run Semantic Kernel and LiteLLM

test: $(VENV)/.dev node_modules/.installed ## Set up and run all tests, with coverage
	@$(if $(filter restricted,$(NETWORK)),,$(MAKE) --no-print-directory clients || \
	  echo "make: no environment for Semantic Kernel and LiteLLM (see above): their tests are skipped" >&2)
	@$(PY) -m pytest -n 2 --cov --cov-report=term --cov-fail-under=95 $(ARGS)

# The account and the key that every Azurite has; another port needs a connection string that names it.
AZURITE_PORT ?= 10000
AZURITE_FOLDER ?= .azurite
AZURITE_KEY := Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==
AZURITE_STRING = $(if $(filter 10000,$(AZURITE_PORT)),UseDevelopmentStorage=true,'AccountName=devstoreaccount1;AccountKey=$(AZURITE_KEY);BlobEndpoint=http://127.0.0.1:$(AZURITE_PORT)/devstoreaccount1')

azurite: node_modules/.installed ## Start Azurite, the storage emulator, and say which RecordingStorage= leads to it [AZURITE_PORT=]
	@echo "Azurite listens at http://127.0.0.1:$(AZURITE_PORT) and stores in $(AZURITE_FOLDER); set RecordingStorage=$(AZURITE_STRING)"
	@exec node_modules/.bin/azurite-blob --blobPort $(AZURITE_PORT) --location $(AZURITE_FOLDER) --silent --skipApiVersionCheck --disableTelemetry

deploy-infra: $(VENV)/.runtime ## Make or change what Azure needs, from infra/ and .env
	@scripts/deploy.sh infra
deploy: $(VENV)/.runtime $(if $(filter unrestricted,$(NETWORK)),,package) ## Put the app there
	@NETWORK=$(NETWORK) scripts/deploy.sh app
deploy-test: $(VENV)/.dev ## Ask the deployed simulator with the openai client
	@scripts/deploy.sh check
show-logs: $(VENV)/.runtime ## Follow the logs of the deployed simulator
	@scripts/deploy.sh logs
destroy: $(VENV)/.runtime ## Delete all that deploy-infra made, recordings included
	@scripts/deploy.sh destroy
azd-settings: $(VENV)/.runtime
	@$(PY) scripts/app_settings.py --azd

package: $(VENV)/.runtime ## Build dist/package.zip, which needs no build in Azure
	@$(PY) scripts/package.py --from $(if $(filter restricted,$(NETWORK)),wheelhouse,registry)
wheelhouse: $(VENV)/.runtime ## Fill wheelhouse/ for machines without a network (NETWORK=restricted)
	@$(PY) scripts/package.py --wheelhouse

docs: $(VENV)/.dev ## Build the site of the documentation into dist/site, links checked
	@NO_MKDOCS_2_WARNING=1 $(VENV)/bin/mkdocs build --quiet
try-clients: $(VENV)/.dev ## Run every script of examples/clients, each in an environment of its own [NAMES=]
	@$(PY) scripts/try_clients.py $(NAMES)
wheel: $(VENV)/.dev ## Build the wheel and the source distribution into dist/
	@$(VENV)/bin/hatchling build
sbom: $(VENV)/.dev ## Write dist/sbom.json, the bill of materials of requirements.txt
	@mkdir -p dist
	@$(VENV)/bin/pip-audit --disable-pip --require-hashes -r requirements.txt --format cyclonedx-json --output dist/sbom.json

try-gateway: $(VENV)/.dev ## Put LiteLLM's proxy in front of a fleet, and look at what each back end gets
	@$(PY) scripts/try_gateway.py

docker-build-simulated-api: ## Build the image for development; TARGET=functions for Azure
	@command -v docker >/dev/null || { echo "make: 'docker' is not on the PATH" >&2; exit 1; }
	@docker build --target $(or $(TARGET),slim) $(if $(PIP_OPTIONS),--build-arg PIP_OPTIONS="--no-index --find-links=/context/wheelhouse") --tag $(IMAGE) .
docker-run-simulated-api: ## Run that image with .env and .recording
	@command -v docker >/dev/null || { echo "make: 'docker' is not on the PATH" >&2; exit 1; }
	@mkdir -p .recording
	@docker run --rm --publish 127.0.0.1:$(PORT):8000 --user "$$(id -u):$$(id -g)" $(if $(wildcard .env),--env-file .env) --volume "$(CURDIR)/.recording:/app/.recording" $(IMAGE)

bench: $(VENV)/.dev ## Measure speed beside bare Starlette
	@$(PY) -m bench $(ARGS)

soak: $(VENV)/.dev ## Send 500,000 mixed requests and watch for growth [ARGS="--requests 20000 --idle 10000"]
	@$(PY) -m soak mixed $(ARGS)

fuzz: $(VENV)/.dev ## Send mutated requests to every operation, beside a neighbour [ARGS="--requests 20000 --seed 1"]
	@$(PY) -m soak fuzz $(ARGS)

# KEY= is handed on like the one of .env.
trial = $(if $(KEY),TEST_OPENAI_KEY='$(KEY)') $(PY) -m $(1) $(if $(URL),--url '$(URL)') $(if $(DEPLOYMENT),--deployment '$(DEPLOYMENT)')

test-client: $(VENV)/.dev ## Try a deployment: MODE=chat|stream|completion|embedding|chatbot|responses|image|transcription [PROMPT= DEPLOYMENT= URL= KEY=]
	@$(call trial,testclient) $(if $(PROMPT),--prompt '$(PROMPT)') $(or $(MODE),chat)

load-test: $(VENV)/.loadtest ## Put load on a deployment and check what came: SCENARIO=latency|request-limit|token-limit [USERS= DURATION= DEPLOYMENT= REPORT= BACKENDS= BACKEND_KEY= URL= KEY=]
	@$(call trial,loadtest) $(if $(REPORT),--report '$(REPORT)') $(if $(BACKENDS),--backends '$(BACKENDS)') $(if $(BACKEND_KEY),--backend-key '$(BACKEND_KEY)') $(if $(USERS),--users $(USERS)) $(if $(DURATION),--duration $(DURATION)) $(if $(RATE_LIMIT_REQUEST_SLICE_SECONDS),--slice $(RATE_LIMIT_REQUEST_SLICE_SECONDS)) $(or $(SCENARIO),latency)

screenshots: $(VENV)/.dev ## Make the pictures of the console for README and docs (needs Chromium)
	@$(PY) scripts/screenshots.py

clean: ## Remove what setup made
	@rm -rf $(VENV) node_modules .pytest_cache .ruff_cache .hypothesis

.PHONY: clients try-gateway screenshots audit lock docs wheel sbom try-clients deploy-infra deploy deploy-test show-logs destroy azd-settings package wheelhouse \
  docker-build-simulated-api docker-run-simulated-api azurite test-client load-test help setup install-requirements dev run run-simulated-api func-start check fix test bench soak fuzz clean
