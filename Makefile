# One .venv serves every target. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help sandbox run test lint format types walls catalogs tests bench bench-kill bench-faults bench-fuzz bench-removed test-slow mutation screens messages lock clean
.PHONY: screens-text
.PHONY: test-postgres

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
JOBS ?= auto
SUIFANG := $(BIN)/python -m bot
# A hash for every file: what is installed is what was reviewed.
PIP := $(BIN)/python -m pip --disable-pip-version-check

help: ## list the targets
	@grep -hE '^[a-z./-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.venv: $(READY) ## create the environment from the pinned, hashed requirements

$(READY): requirements-dev.txt pyproject.toml
	@python=; for name in python3.13 python3.12 python3.11 python3 python; do \
	  if "$$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then python=$$name; break; fi; \
	done; \
	if [ -z "$$python" ]; then echo 'Python 3.11, 3.12 or 3.13 is needed, and none was found. 需要 Python 3.11–3.13。' >&2; exit 2; fi; \
	if [ ! -x $(BIN)/python ]; then \
	  echo "== creating $(VENV) with $$python ($$("$$python" --version))"; \
	  "$$python" -m venv $(VENV) || { rm -rf $(VENV); echo "python3-venv is missing: apt-get install python3-venv" >&2; exit 2; }; \
	fi
	@echo "== installing the pinned requirements (hashes are checked; a few minutes the first time)"
	@$(PIP) install --quiet --require-hashes -r requirements-dev.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation -e . 2>&1 | { grep -i error || true; }
	@test -x $(BIN)/suifang
	@touch $@
	@echo "== $(VENV) is ready"

sandbox: $(READY) ## the whole trial on this machine: no token, no network (ARGS="--fresh")
	@exec $(SUIFANG) sandbox $(ARGS)

run: $(READY) ## the bot, live, with the settings of .env
	@exec $(SUIFANG) run $(ARGS)

test: lint format types walls catalogs tests ## lint, format, types, walls, catalogs and tests
	@echo "== all is well"

lint: $(READY) ## ruff's rules
	@echo "== lint"; $(BIN)/ruff check .

format: $(READY) ## is everything formatted? (`.venv/bin/ruff format` does it)
	@echo "== format"; $(BIN)/ruff format --check .

types: $(READY) ## mypy, strict on bot/ and handlers/
	@echo "== types"; $(BIN)/mypy

walls: $(READY) ## who may import whom
	@echo "== walls"; $(BIN)/lint-imports --no-cache

catalogs: $(READY) ## every text in both languages, whole
	@echo "== catalogs"; $(BIN)/pytest -q tests/test_catalogs.py

tests: $(READY) ## every test but the slow ones and the benchmarks (ARGS="tests/domain -x")
	@echo "== tests"; $(BIN)/pytest -q -n $(JOBS) $(ARGS)

test-slow: $(READY) ## the slow tests
	@echo "== slow tests"; $(BIN)/pytest -q -m slow $(ARGS)

test-postgres: $(READY) ## the tests on a throw-away PostgreSQL server, and all that is stored once more on it
	@echo "== PostgreSQL"; $(BIN)/pytest -q -m postgres $(ARGS)
	@ON=postgres $(BIN)/pytest -q tests/storage -m "not postgres and not slow" $(ARGS)

bench: $(READY) ## the promises, measured over long runs; bench-NAME for one (see tests/bench)
	@echo "== benchmarks"; $(BIN)/python -m tests.bench $(ARGS)
	@$(BIN)/pytest -q -s -m bench

bench-kill: $(READY) ## the live program killed 1,000 times (KILLS=, SEED=), then the ledger
	@$(BIN)/python -m tests.promises kill

bench-faults: $(READY) ## 2,000 calls that fail in every way, and the program killed meanwhile (FAULTS=, SEED=)
	@$(BIN)/python -m tests.promises faults

bench-fuzz: $(READY) ## 10,000 malformed updates, 100,000 forged buttons (FUZZ=, SEED=)
	@$(BIN)/python -m tests.promises fuzz

bench-removed: $(READY) ## each mechanism behind a promise removed: which tests notice? (about 15 minutes; ONLY=P1,P9)
	@$(BIN)/python -m tests.promises removed

bench-%: $(READY)
	@$(BIN)/python -m tests.bench $*

mutation: $(READY) ## break triage and agenda in every small way: which tests notice? (about 3 minutes)
	@echo "== mutation"; $(BIN)/mutmut run $(ARGS) && $(BIN)/mutmut results

screens: $(READY) ## screenshots of the sandbox in artifacts/
	@echo "== screens"; $(BIN)/pytest -q -m browser tests/browser $(ARGS)
	@ls artifacts

screens-text: $(READY) ## every screen in both languages, as text, into docs/screens
	@echo "== screens-text"; $(BIN)/python -m tests.screens

messages: $(READY) ## look for keys in code and protocols; what a catalog lacks goes into its new.po
	@echo "== messages"; $(BIN)/python -m tests.catalogs

# uv is a tool for whoever changes a dependency; nobody else needs it.
UV := $(firstword $(wildcard $(BIN)/uv) uv)
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header
lock: ## pin the dependencies of pyproject.toml again (ARGS="--upgrade"); needs uv
	@command -v $(UV) >/dev/null || { echo 'make lock needs uv: pip install uv' >&2; exit 2; }
	@echo "== requirements.txt"; $(LOCK) $(ARGS) pyproject.toml --group build -o requirements.txt >/dev/null
	@echo "== requirements-dev.txt"; $(LOCK) $(ARGS) pyproject.toml --group build --group dev \
	  -c requirements.txt -o requirements-dev.txt >/dev/null

clean: ## remove .venv and caches; data/ stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis artifacts *.egg-info
	find bot handlers tests -name __pycache__ -type d -prune -exec rm -rf {} +
