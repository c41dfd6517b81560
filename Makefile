# Each target makes .venv and installs what it needs; nothing is reinstalled unless
# pyproject.toml or constraints.txt changed. PYTHON chooses the interpreter (3.11 or newer).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := mara_minimax langchain_mara_minimax llama_index_mara_minimax
SOURCES := $(PACKAGES) tests examples docs benchmarks
MATRIX := .venv-matrix
# Each row frees some packages of constraints.txt and asks for a version of its own.
ROWS := openai-2 openai-3 core-lowest core-newest
FRAMEWORK := langchain.*|langgraph.*|langsmith|certifi
FREED_openai-2 := openai
FREED_core-lowest := $(FRAMEWORK)
FREED_core-newest := $(FRAMEWORK)
WANTED_openai-2 := 'openai>=2.45,<3'
WANTED_openai-3 := 'openai>=3,<4'
WANTED_core-lowest := 'langchain-core==1.7.0'
WANTED_core-newest := 'langchain-core>=1.7,<2'
# Arguments for the demo, such as ARGS='--docs DIR --question "..."'.
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test test-matrix record check cover lint types format tables clean

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Two stamps, so that the demo installs no test tools.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "mara-minimax needs Python 3.11 or newer: make PYTHON=python3.11 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[demo]'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/.demo

demo: $(VENV)/.demo ## Ask real questions over documents, in both frameworks, no key needed
	@$(BIN)/python -m examples.demo $(ARGS)

test: $(VENV)/.dev ## Run the tests
	$(BIN)/python -m pytest -q

test-matrix: $(ROWS:%=matrix-%) ## Test old and new openai and langchain-core

matrix-%: $(MATRIX)/%/.installed
	@$(MATRIX)/$*/bin/python -m pip list 2>/dev/null | grep -E '^(openai|langchain|langchain-core) '
	$(MATRIX)/$*/bin/python -m pytest -q --benchmark-disable tests/core tests/langchain \
		$(if $(filter openai-%,$*),tests/llama_index)

.PRECIOUS: $(MATRIX)/%/.installed
$(MATRIX)/%/.installed: pyproject.toml constraints.txt
	rm -rf $(@D)
	$(PYTHON) -m venv $(@D)
	grep -Ev '^($(or $(FREED_$*),none))==' constraints.txt >$(@D)/constraints.txt
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check \
		-c $(@D)/constraints.txt -e '.[dev]' $(WANTED_$*)
	@touch $@

record: $(VENV)/.dev ## Record the cassettes again, from the emulator
	rm -rf cassettes/emulator/langchain
	$(BIN)/python -m pytest -q --benchmark-disable --record-mode=once \
		tests/langchain/test_standard_recorded.py

lint: $(VENV)/.dev ## Check style
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)

types: $(VENV)/.dev ## Check types, strictly
	$(BIN)/mypy

cover: $(VENV)/.dev ## Check that tests/core covers every branch of the core
	$(BIN)/python -m pytest -q tests/core --cov=mara_minimax --cov-branch --cov-fail-under=100 \
		--cov-report=term-missing:skip-covered

check: lint types test cover ## What CI runs: style, types, tests, coverage

format: $(VENV)/.dev ## Format the code
	$(BIN)/ruff check --fix-only --quiet $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

tables: $(VENV)/.dev ## Write the documentation's tables from the code
	$(BIN)/python -m docs.generate

clean: ## Remove the environment and caches
	rm -rf $(VENV) $(MATRIX) .venv-peers .pytest_cache .mypy_cache .ruff_cache .coverage dist
