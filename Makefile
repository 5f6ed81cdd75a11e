# Lakeward: `make help` lists what there is to do.
SHELL := /bin/sh
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3
BIN := .venv/bin
DONE := .venv/done
CACHE := .lakeward/cache
UV := $(BIN)/uv --quiet

export DAGSTER_DISABLE_TELEMETRY := 1
export DO_NOT_TRACK := 1
export GX_ANALYTICS_ENABLED := false
export HYPOTHESIS_STORAGE_DIRECTORY := $(CURDIR)/$(CACHE)/hypothesis

# Some containers ask Python to keep no bytecode: then each program that starts compiles every library anew.
unexport PYTHONDONTWRITEBYTECODE

# uv looks at the environment that is active, which may be another one.
export VIRTUAL_ENV := $(CURDIR)/.venv

.PHONY: help setup demo test faults dev bench lint format lock examples journeys clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(DONE)/classes ## make .venv from the lock file and fetch Delta's jars (the only step that needs a network)

demo: setup ## take the example tenants' files through the whole lake, under .lakeward/
	@$(BIN)/lakeward demo

dev: setup ## open the Dagster UI on this machine
	@$(BIN)/lakeward dev

bench: setup ## measure
	@$(BIN)/python -m benchmarks

test: lint ## lint, types, import rules, tests
	@$(BIN)/python -m pytest

faults: setup ## kill the pipeline at 200 random instants and each boundary, compare what is left (FAULTS="--seed 7")
	@$(BIN)/python -m tests.faults $(FAULTS)

journeys: setup ## walk a steward's ways through the UI in headless Chromium, over a lake of its own (minutes)
	@$(BIN)/python -m pytest tests/journeys -o python_files='journey_*.py' -o timeout=3600

lint: setup ## format check, ruff, mypy, import rules
	@mkdir -p $(CACHE)
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo --cache-dir $(CACHE)/import-linter

format: setup ## format the code and mend what ruff can mend
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format .

examples: setup ## make examples/landing again from its seed
	@$(BIN)/python -m examples.generate

lock: $(DONE)/uv ## make both lock files again; UPGRADE=--upgrade for newer versions
	@echo uv | $(UV) pip compile $(UPGRADE) --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --no-emit-index-url --output-file requirements/bootstrap.txt - >/dev/null
	@$(UV) pip compile $(UPGRADE) --universal --python-version 3.11 --generate-hashes \
		--no-header --no-emit-index-url --group dev --output-file requirements/lock.txt pyproject.toml >/dev/null

clean: ## remove .venv and .lakeward: the environment, every lake, run and cache made here
	rm -rf .venv .lakeward
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(DONE)/venv:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v < (3, 14) else \
		"$(PYTHON) is Python %d.%d, and Lakeward needs 3.11, 3.12 or 3.13. To mend it: make setup PYTHON=python3.11" % v)'
	@java="$${JAVA_HOME:+$$JAVA_HOME/bin/}java"; \
	found=$$("$$java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -n 1); \
	if [ "$${found:-0}" -lt 17 ]; then \
		echo "$$java is Java $${found:-(none)}, and Spark needs Java 17 or later. To mend it: install one, such as" \
			"Debian's openjdk-17-jre-headless, or set JAVA_HOME." >&2; exit 1; fi
	@echo "Environment: .venv"
	@$(PYTHON) -m venv .venv
	@mkdir -p $(DONE) && touch $@

$(DONE)/uv: requirements/bootstrap.txt | $(DONE)/venv
	@$(BIN)/python -m pip --quiet --disable-pip-version-check install --require-hashes --requirement $<
	@touch $@

$(DONE)/packages: requirements/lock.txt requirements/bootstrap.txt $(DONE)/uv
	@echo "Packages: as in requirements/lock.txt"
	@$(UV) pip sync --require-hashes requirements/bootstrap.txt requirements/lock.txt
	@touch $@

$(DONE)/project: pyproject.toml $(DONE)/packages
	@$(UV) pip install --no-deps --no-build-isolation --editable .
	@touch $@

$(DONE)/jars: transforms/jars.sha256 transforms/jars.py $(DONE)/project
	@$(BIN)/python -m transforms.jars
	@touch $@

$(DONE)/functions: $(wildcard transforms/jvm/*.java) transforms/compiled.py $(DONE)/project
	@$(BIN)/python -m transforms.compiled
	@touch $@

# Java says on standard error what it always says; it is shown where the step fails.
$(DONE)/classes: transforms/class_archive.py transforms/session.py $(DONE)/jars $(DONE)/functions
	@$(BIN)/python -m transforms.class_archive 2>$(DONE)/classes.log || { cat $(DONE)/classes.log >&2; exit 1; }
	@touch $@
