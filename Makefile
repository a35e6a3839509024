# Laurel's commands. `make help` lists them; they need Python 3.11 or newer and nothing else.
SHELL := /bin/bash
BIN := .venv/bin
UV_LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check --no-input install
CAN_COMPILE = command -v $${CC:-cc} >/dev/null && \
	test -f "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h"
ENGINE := $(shell find engine -name '*.py' 2>/dev/null)
CHROMIUMS := chromium chromium-browser google-chrome google-chrome-stable
STATUS ?= /dev/null

.PHONY: help run setup test test-long check style types imports templates assets bench fix lock wheel chromium
.DEFAULT_GOAL := help

help: ## show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

run: .venv/run.stamp .venv/engine.stamp ## set everything up and serve on http://127.0.0.1:8000
	@exec $(BIN)/laurel up

setup: .venv/run.stamp .venv/build.stamp ## set up the virtual environment, tests included
	@$(MAKE) -s --no-print-directory -j2 .venv/dev.stamp .venv/engine.stamp

test: setup chromium ## run every test and check, in a real browser too
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder; code=$$?; echo $$code > $(STATUS); exit $$code

test-long: setup chromium ## the same, with the slowest laws tried at length
	@LAUREL_TEST_LENGTH=long $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder --timeout 1800

check: style types imports templates assets ## run what needs no server: style, types, import contracts, templates, assets

style: .venv/dev.stamp
	@$(BIN)/ruff check --quiet --output-format concise . && $(BIN)/ruff format --quiet --check .

types: .venv/dev.stamp
	@$(BIN)/mypy --no-error-summary

imports: .venv/dev.stamp
	@$(BIN)/lint-imports --no-logo

templates: .venv/dev.stamp
	@$(BIN)/djlint templates --lint --quiet && $(BIN)/djlint templates --check --quiet

assets: .venv/dev.stamp
	@$(BIN)/python -m tests.formatting

bench: setup ## measure speed and memory, and print a table
	@$(BIN)/python -m tests.bench

fix: .venv/dev.stamp ## repair style where a machine can
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .
	@$(BIN)/djlint templates --reformat --quiet ; $(BIN)/python -m tests.formatting --fix

lock: .venv/dev.stamp ## pin the dependencies anew: names, versions, hashes
	@$(PIP) 'uv>=0.8'
	@$(UV_LOCK) --upgrade requirements.in -o requirements.lock
	@$(UV_LOCK) --upgrade requirements-dev.in -c requirements.lock -o requirements-dev.lock
	@$(UV_LOCK) --upgrade requirements-build.in -c requirements-dev.lock -o requirements-build.lock

wheel: .venv/run.stamp ## build a wheel with the compiled engine in dist/
	@$(PIP) --require-hashes -r requirements-build.lock
	@LAUREL_COMPILE=1 $(BIN)/python -m pip -q --disable-pip-version-check wheel --no-deps --no-build-isolation -w dist .

.venv/bin/python:
	@$(or $(PYTHON),false) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Laurel needs Python 3.11 or newer; there is none on the PATH." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Laurel needs Python's venv module (on Debian and Ubuntu: apt install python3-venv)." >&2; exit 1; }
	@$(PYTHON) -m venv .venv

.venv/run.stamp: requirements.lock pyproject.toml | .venv/bin/python
	@echo "installing what Laurel runs on …"
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev.stamp: requirements-dev.lock .venv/run.stamp
	@echo "installing what its tests need …"
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

# What compiles the engine is installed by itself, so that the tests' packages can be installed while it compiles.
.venv/build.stamp: requirements-build.lock .venv/run.stamp
	@if $(CAN_COMPILE); then $(PIP) --require-hashes -r requirements-build.lock || true; fi
	@touch $@

# Where there is a C compiler the engine is compiled, once for the same sources; without one it runs as pure Python.
.venv/engine.stamp: $(ENGINE) setup.py .venv/build.stamp
	@if ! { $(CAN_COMPILE); }; then echo "no C compiler with Python's headers: the engine runs as pure Python"; \
	elif ! $(BIN)/python -c 'import mypyc' 2>/dev/null; then echo "no mypyc: the engine runs as pure Python"; \
	else echo "compiling the engine, about half a minute …" && $(BIN)/python setup.py -q compile_engine; fi
	@touch $@

# A Chromium of the system is found first; without one, Debian's package as root, else Playwright's own.
chromium: .venv/dev.stamp
	@for name in $(CHROMIUMS); do command -v $$name >/dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && grep -qs '^ID=debian' /etc/os-release; then \
		echo "installing Chromium …"; apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y chromium >/dev/null && exit 0; \
	fi; \
	if [ "$$(id -u)" = 0 ]; then $(BIN)/playwright install --with-deps chromium; else $(BIN)/playwright install chromium; fi
