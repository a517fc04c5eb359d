# `make help` lists what there is. Variables: PORT, HOST, WORKERS, DATA_DIR, REDIS_URL for run, LANGS for languages,
# MANIFEST and PUBLISH for bench.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip
# The lock files are complete and hashed, so pip has nothing to resolve.
INSTALL := $(PIP) install -qq --disable-pip-version-check --no-input --no-deps --require-hashes --requirement
PYTEST := $(BIN)/python -m pytest
RUNNABLE := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 15))
LANGS ?= rus
PUBLISH ?= .cache

.DEFAULT_GOAL := help
.PHONY: help run setup languages test check fix browser screenshot faults faults-all e2e bench lock audit clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.languages ## start Redis, worker and API, and print where the page is
	@$(BIN)/python -m launcher --stop-with-parent

setup: $(VENV)/.test ## make the virtual environment with all that running and testing need

languages: $(VENV)/.run ## fetch Tesseract models from Debian's packages: make languages LANGS="rus deu"
	@$(BIN)/python -m worker.models $(LANGS)

test: check $(VENV)/.languages ## check, and run the tests that need neither containers nor a browser
	$(PYTEST) tests/unit tests/api tests/contract tests/pipeline

check: $(VENV)/.test ## lint, format, types and the layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(VENV)/.test ## let the linter repair and format what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

browser: $(VENV)/.browser ## drive the service in a real Chromium, which the system must have
	$(PYTEST) tests/browser

screenshot: $(VENV)/.browser ## make the pictures in the documentation anew
	$(BIN)/python docs/screenshots.py

faults: $(VENV)/.test $(VENV)/.languages ## kill, starve and abuse the service for ten minutes, and print what became of each task
	$(PYTEST) tests/faults -m "not long"

faults-all: $(VENV)/.test $(VENV)/.languages ## the same for as long as it takes
	$(PYTEST) tests/faults

e2e: $(VENV)/.test ## build and start the containers, use and hurt them, and take them down; needs Docker
	$(PYTEST) tests/e2e

bench: $(VENV)/.bench ## tell how much is read right, of MANIFEST=FILE, and how fast beside others; PUBLISH=docs keeps it
	$(BIN)/python bench/accuracy.py $(if $(MANIFEST),--manifest $(MANIFEST)) --out .cache/accuracy.jsonl
	$(BIN)/python bench/speed.py --json $(PUBLISH)/speed.json --plot $(PUBLISH)/speed.png

lock: $(VENV)/.lock ## resolve requirements/*.in into *.txt, with the newest releases
	requirements/lock.sh $(BIN)/uv

audit: $(VENV)/.audit ## look for known vulnerabilities in what is locked, and write an SBOM of what runs
	requirements/audit.sh $(BIN)

clean: ## delete everything made here but data
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@set -e; for name in $(PYTHON) python3.13 python3.12 python3.11 python3.14 python3 python; do \
	  if "$$name" -c '$(RUNNABLE)' >/dev/null 2>&1; then \
	    echo "making $(VENV) with $$("$$name" -V)"; "$$name" -m venv --clear $(VENV); exit 0; fi; done; \
	echo "error: no Python 3.11 to 3.14 with venv is here (Debian: apt-get install python3-venv);" \
	  "name one with PYTHON=/path/to/python3" >&2; exit 1

$(VENV)/.run $(VENV)/.test $(VENV)/.browser $(VENV)/.bench: $(VENV)/.%: requirements/%.txt | $(BIN)/python
	@echo "installing $<"
	@$(INSTALL) $<
	@touch $@

$(VENV)/.test: $(VENV)/.run
$(VENV)/.browser: $(VENV)/.test
$(VENV)/.bench: $(VENV)/.run

# Where there is no Russian model and none can be fetched, the service runs without, and tests that need it are skipped.
$(VENV)/.languages: | $(VENV)/.run
	@if $(BIN)/python -m worker.models rus; then touch $@; fi

$(VENV)/.lock: | $(BIN)/python
	@$(PIP) install -qq --disable-pip-version-check uv && touch $@

$(VENV)/.audit: requirements/audit.txt | $(BIN)/python
	@$(INSTALL) $< && touch $@
