# Each target makes .venv and installs what it needs; nothing is reinstalled unless
# pyproject.toml or constraints.txt changed. PYTHON chooses the interpreter (3.11 or newer).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := mara_minimax langchain_mara_minimax llama_index_mara_minimax
SOURCES := $(PACKAGES) tests examples docs benchmarks release
MATRIX := .venv-matrix
# Each row frees some packages of constraints.txt and asks for a version of its own.
ROWS := openai-2 openai-3 core-lowest core-newest core-override pydantic-lowest \
	pydantic-newest llama-lowest llama-newest
FRAMEWORK := langchain.*|langgraph.*|langsmith|certifi
FREED_openai-2 := openai
FREED_core-lowest := $(FRAMEWORK)
FREED_core-newest := $(FRAMEWORK)
FREED_core-override := $(FRAMEWORK)
FREED_pydantic-lowest := pydantic.*
FREED_pydantic-newest := pydantic.*
FREED_llama-lowest := llama-index.*
FREED_llama-newest := llama-index.*
WANTED_openai-2 := 'openai>=2.45,<3'
WANTED_openai-3 := 'openai>=3,<4'
WANTED_core-lowest := 'langchain-core==1.7.0'
WANTED_core-newest := 'langchain-core>=1.8,<2' 'langchain>=1.5,<2'
WANTED_core-override := $(WANTED_core-newest)
# Installed at last and without what it requires: a release may ask for one that is not out yet.
OVERRIDE_core-override := 'langchain-core>=1.8.4,<2'
WANTED_pydantic-lowest := 'pydantic==2.11.5'
WANTED_pydantic-newest := 'pydantic>=2.11.5,<3'
WANTED_llama-lowest := 'llama-index-core==0.14.20'
WANTED_llama-newest := 'llama-index-core>=0.14.20,<0.15'
# What each kind of row runs: the tests of what meets the freed package.
TESTS_openai := tests/core tests/langchain tests/llama_index tests/faults tests/secrets \
	tests/lifecycle
TESTS_core := tests/core tests/langchain
TESTS_pydantic := tests/core tests/langchain tests/llama_index
TESTS_llama := tests/llama_index
# Others' agents, middlewares and tracers ask for other versions of these than constraints.txt has.
ECOSYSTEM := .venv-ecosystem
USED := ^(deepagents|lang|llama-index|mcp|mlflow|openai|openinference|pydantic=)
FREED_ECOSYSTEM := importlib_metadata|tenacity|websockets
# make bench QUICK=1 takes three minutes and records nothing.
QUICK ?=
# How to become root where `make network-parts` needs it, such as SUDO=sudo.
SUDO ?=
# Arguments for the demo, such as ARGS='--docs DIR --question "..."'.
ARGS ?=

# Each process takes seconds to start. The packages' own tests compute: a process a core. The others
# wait for servers as long as they compute. With WORKERS=0 all run in one process.
WORKERS ?= 4
cover smoke: WORKERS = auto
PYTEST = $(BIN)/python -m pytest -q -n $(WORKERS)
# The core is covered by its own tests alone; adapters, doctor and emulator share a run.
ADAPTED := tests/langchain tests/llama_index tests/doctor tests/emulator
REPORT = $(BIN)/python -m coverage report --skip-covered --show-missing
# Tests need no tests that cover them; test_conformance_suite.py sees that each can fail.
SHIPPED_TESTS := llama_index_mara_minimax/conformance/*
WITH_OWN_FLOOR := mara_minimax/doctor/*,mara_minimax/emulator/*,mara_minimax/__main__.py

# A minute of the tests that tell most: one file or two of each part.
SMOKE := $(addprefix tests/core/,reply/test_decoder.py reply/test_reasoning.py \
		reply/test_tool_calls.py request/test_encode.py request/test_history.py \
		transport/test_client.py) \
	$(foreach part,calls tools errors,tests/langchain/test_$(part).py tests/llama_index/test_$(part).py) \
	tests/secrets/test_errors.py tests/project/test_parity.py
RECORDED := tests/langchain/test_standard_recorded.py tests/llama_index/test_recorded.py
# Limits of fuzzing, for each target: seconds, or inputs.
SECONDS ?=
RUNS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test smoke test-matrix ecosystem record record-live test-live bulk-test notebook faults fuzz load test-aiohttp network network-parts audit pyright check cover lint types format tables docs bench comparison litellm dist release-check release-try release-tag clean

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Two stamps, so that the demo installs no test tools.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "mara-minimax needs Python 3.11 or newer: make PYTHON=python3.11 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "First, what the demo needs is installed into $(VENV), for a minute or two ..."
	@$(BIN)/python -m pip install --quiet --progress-bar off --disable-pip-version-check -c constraints.txt -e '.[demo]'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/.demo

demo: $(VENV)/.demo ## Show what this does, in both frameworks, no key needed
	@$(BIN)/python -m examples.demo $(ARGS)

test: cover ## Run all tests, each once, those of the packages under coverage
	$(PYTEST) tests $(addprefix --ignore ,tests/core $(ADAPTED) tests/ecosystem tests/network)

cover: $(VENV)/.dev ## Run the packages' own tests and check that they cover them
	$(PYTEST) tests/core --cov=mara_minimax --cov-branch --cov-report=
	$(REPORT) --fail-under=100 --omit='$(WITH_OWN_FLOOR)'
	$(PYTEST) $(ADAPTED) $(PACKAGES:%=--cov=%) --cov-branch --cov-report=
	$(REPORT) --fail-under=100 --include='langchain_mara_minimax/*'
	$(REPORT) --fail-under=100 --include='llama_index_mara_minimax/*' --omit='$(SHIPPED_TESTS)'
	$(REPORT) --fail-under=100 --include='mara_minimax/doctor/*'
	$(REPORT) --fail-under=95 --include='mara_minimax/emulator/*'

smoke: $(VENV)/.dev ## Run the tests that tell most, for a minute
	$(PYTEST) $(SMOKE)

test-matrix: $(ROWS:%=matrix-%) ## Test old and new openai, pydantic and frameworks

matrix-%: $(MATRIX)/%/.installed
	@$(MATRIX)/$*/bin/python -m pip list 2>/dev/null | grep -E '^(openai|pydantic|langchain-core|llama-index-core) '
	$(MATRIX)/$*/bin/python -m pytest -q -n $(WORKERS) --benchmark-disable $(TESTS_$(firstword $(subst -, ,$*)))

.PRECIOUS: $(MATRIX)/%/.installed
$(MATRIX)/%/.installed: pyproject.toml constraints.txt
	rm -rf $(@D)
	$(PYTHON) -m venv $(@D)
	grep -Ev '^($(or $(FREED_$*),none))==' constraints.txt >$(@D)/constraints.txt
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check \
		-c $(@D)/constraints.txt -e '.[dev]' $(WANTED_$*)
	$(if $(OVERRIDE_$*),$(@D)/bin/python -m pip install --quiet --disable-pip-version-check \
		--no-deps --upgrade $(OVERRIDE_$*))
	@touch $@

ecosystem: $(ECOSYSTEM)/.installed ## Use the models as agents, middlewares and tracers of others do
	@$(ECOSYSTEM)/bin/python -m pip list --format=freeze | grep -Ei '$(USED)'
	$(ECOSYSTEM)/bin/python -m pytest -q -n $(WORKERS) tests/ecosystem

$(ECOSYSTEM)/.installed: pyproject.toml constraints.txt
	rm -rf $(@D)
	$(PYTHON) -m venv $(@D)
	grep -Ev '^($(FREED_ECOSYSTEM))==' constraints.txt >$(@D)/constraints.txt
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check \
		-c $(@D)/constraints.txt -e '.[ecosystem]'
	@touch $@

record: $(VENV)/.dev ## Record the cassettes again, from the emulator
	rm -rf cassettes/emulator
	$(BIN)/python -m pytest -q --benchmark-disable --record-mode=once $(RECORDED)

record-live: $(VENV)/.dev ## Record cassettes from real providers, where keys are set
	@BIN=$(BIN) sh tests/live/record.sh $(RECORDED)

test-live: $(VENV)/.dev ## Ask real providers, where keys are set, what only they can tell
	$(BIN)/python -m pytest -q --benchmark-disable -m live -rs -s tests/live $(ARGS)

fuzz: $(VENV)/.dev ## Fuzz calls, decoders, errors and histories (SECONDS=..., RUNS=..., ARGS=...)
	$(BIN)/python -m tests.fuzz $(if $(SECONDS),--seconds $(SECONDS)) $(if $(RUNS),--runs $(RUNS)) \
		$(ARGS)

bulk-test: $(VENV)/.ray ## Kill and resume 2,000 prompts, in one process and on a local Ray cluster (PROMPTS=...)
	BULK_PROMPTS=$(or $(PROMPTS),2000) $(BIN)/python -m pytest -q -rP tests/scale

$(VENV)/.ray: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[ray]'
	@touch $@

notebook: $(VENV)/.dev ## Run the notebook again and keep its outputs
	$(BIN)/python -m examples.notebook

test-aiohttp: $(VENV)/.dev ## Run the tests of calls with async ones over aiohttp
	$(PYTEST) --transport aiohttp tests/core/transport tests/faults \
		tests/secrets tests/lifecycle tests/project/test_parity.py

network: $(MATRIX)/network/.installed ## Call through real gateways, proxies and TLS
	@$(MATRIX)/network/bin/python -m tests.network.parts
	$(MATRIX)/network/bin/python -m pytest -q -n $(WORKERS) --benchmark-disable tests/network

$(MATRIX)/network/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[network]'
	@touch $@

network-parts: ## Install what stands between client and provider there, on Debian and Ubuntu
	$(SUDO) apt-get update --quiet
	$(SUDO) apt-get install --quiet --yes --no-install-recommends \
		$$($(PYTHON) -m tests.network.parts --packages)

faults: $(VENV)/.dev ## Play every failure to every form of a call
	$(PYTEST) tests/faults

lint: $(VENV)/.dev ## Check style, and who may import whom
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/lint-imports --no-cache

types: $(VENV)/.dev ## Check types: strictly in the packages and in users' code, and what tests do in their bodies
	$(BIN)/mypy
	$(BIN)/mypy --config-file tests/mypy.ini tests
	$(BIN)/mypy --config-file tests/types/mypy.ini tests/types/accepted.py

load: $(VENV)/.dev ## Run 500 streams at once for a minute, of which 5 % fail (ARGS=...)
	@$(BIN)/python -m benchmarks.load $(ARGS)

# Strict, because a package that the advisory service does not know counts as safe otherwise.
audit: $(MATRIX)/audit/.installed ## Look for known vulnerabilities in constraints.txt
	$(MATRIX)/audit/bin/pip-audit --strict --no-deps --disable-pip -r constraints.txt

$(MATRIX)/audit/.installed: constraints.txt
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt pip-audit
	@touch $@

# mypy in `make types` runs always; this one brings its own Node.js of 200 MB.
pyright: $(MATRIX)/pyright/.installed $(VENV)/.dev ## Check users' code with pyright too
	$(BIN)/python -m tests.types.pyright $(MATRIX)/pyright/bin/basedpyright $(BIN)/python

$(MATRIX)/pyright/.installed:
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check basedpyright
	@touch $@

check: lint types test ## What CI runs: style, imports, types, tests and their coverage

format: $(VENV)/.dev ## Format the code
	$(BIN)/ruff check --fix-only --quiet $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

# Not --quiet, with which mkdocs counts no warnings and nothing is strict.
docs: $(VENV)/.docs ## Build the documentation into site/, strictly, and search it
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict
	$(BIN)/python -m docs.search_check

$(VENV)/.docs: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[docs]'
	@touch $@

tables: $(VENV)/.dev ## Write the documentation's tables from the code
	$(BIN)/python -m docs.generate

bench: | $(VENV)/bin/python ## Measure against other integrations; QUICK=1 for a short look
	@$(BIN)/python -m benchmarks.run $(if $(filter-out 0,$(QUICK)),--quick)

comparison: $(VENV)/.dev ## Ask other integrations what they do with the same wire forms
	$(BIN)/python -m benchmarks.comparison $(ARGS)

# The newest proxy, with the packages that it asks for: none of them is a dependency of this one.
$(MATRIX)/litellm/.installed: pyproject.toml
	rm -rf $(@D)
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check -e '.[all]' 'litellm[proxy]'
	@touch $@

litellm: $(MATRIX)/litellm/.installed ## See what survives LiteLLM's proxy before a provider
	$(MATRIX)/litellm/bin/python -m benchmarks.litellm_proxy $(ARGS)

$(MATRIX)/dist/.installed: constraints.txt
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt \
		build hatch-fancy-pypi-readme hatchling twine
	@touch $@

# Without isolation, in which pip would take the newest hatchling instead of the pinned one.
dist: $(MATRIX)/dist/.installed ## Build the three distributions with pinned tools, and look into them
	rm -rf dist
	for each in . distributions/*/; do \
		$(MATRIX)/dist/bin/python -m build --no-isolation --outdir dist $$each || exit 1; done
	$(MATRIX)/dist/bin/python -m twine check --strict dist/*
	$(MATRIX)/dist/bin/python -m release.contents dist

release-check: dist ## Build, and try what was built
	@$(MAKE) --no-print-directory release-try

release-try: ## Try dist/ in clean environments: each extra and thin distribution alone (ARGS=names)
	$(PYTHON) -m release.check dist $(ARGS)

release-tag: ## Check that TAG, the version, the changelog and how to install agree
	@$(PYTHON) -m release.tag '$(TAG)'

clean: ## Remove the environment and caches
	rm -rf $(VENV) $(MATRIX) $(ECOSYSTEM) .venv-peers .pytest_cache .mypy_cache .ruff_cache .fuzz .coverage dist site
