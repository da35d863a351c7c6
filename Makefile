# Everything a newcomer or CI does with this project; a bare machine needs python3 (3.11 or newer) and make.
# What is installed is what the lock files say, hash by hash, into .venv; nothing else on the machine is touched.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=
RUNS   ?= 1000
TARGET ?= all
FUZZ_SECONDS ?= 60
SEED   ?=

# Node.js comes from the lock file too (a wheel), so that every machine compiles the contracts with the same one.
WITH_TOOLS := PATH="$(CURDIR)/$(BIN):$$PATH"
PIP        := $(BIN)/python -m pip -qq --disable-pip-version-check --no-input
# Wheels only: no package may ask for a compiler, nor run its own code while it is being installed.
LOCKED     := $(PIP) install --only-binary :all: --require-hashes -r
# Nothing is fetched here: dependencies and build backend are in place already.
THIS       := $(PIP) install --no-deps --no-build-isolation --editable .

NPM_STAMP := contracts/node_modules/.package-lock.json
NPM_PEERS := tests/peers/node_modules/.package-lock.json
NPM_BENCH := benchmarks/node_modules/.package-lock.json

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help setup setup-dev setup-bench demo test faults fuzz check bench lock clean \
	check-format check-lint check-types check-imports check-contracts check-house forge forge-long slither

help: ## Say what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' Makefile | awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'

setup: $(VENV)/.run $(VENV)/.this ## Install what a user needs into .venv

setup-dev: $(VENV)/.dev $(VENV)/.this $(NPM_STAMP) $(NPM_PEERS) ## Install what a developer needs into .venv

setup-bench: setup-dev $(VENV)/.bench $(NPM_BENCH) ## Install what the benchmarks need beside that: the peers they measure against

demo: setup ## Run the main job offline: companies, passports, anchoring, audit, sabotage
	$(BIN)/passport demo --dir demo

test: setup-dev ## Run the tests; ARGS="tests/model -k amount" picks some
	$(WITH_TOOLS) $(BIN)/python -m pytest -n 2 $(ARGS)

faults: setup-dev ## Try the outbox against a real node a thousand times: lost answers, forks, kill -9; RUNS=50 makes fewer
	PASSPORT_FAULT_RUNS=$(RUNS) $(WITH_TOOLS) $(BIN)/python -m pytest -n 2 tests/ledger/test_faults.py $(ARGS)

fuzz: setup-dev ## Fuzz the readers of outsiders' bytes, guided by coverage; TARGET=bundle FUZZ_SECONDS=600 picks and prolongs
	$(WITH_TOOLS) $(BIN)/python tests/fuzz/fuzz_run.py $(TARGET) -max_total_time=$(FUZZ_SECONDS) $(ARGS)

check: check-format check-lint check-types check-imports check-contracts check-house ## Everything but the tests: format, lint, types, import rules, contracts, lock files and documents

check-format: setup-dev
	$(BIN)/ruff format --check .

check-lint: setup-dev
	$(BIN)/ruff check .

check-types: setup-dev
	$(BIN)/mypy

check-imports: setup-dev
	$(BIN)/lint-imports

check-contracts: setup-dev
	$(WITH_TOOLS) $(BIN)/python -m contracts.build --check

check-house: setup-dev
	$(BIN)/python -m pytest tests/test_house.py tests/test_locks.py

forge: setup-dev ## Run the contracts' fuzz and invariant tests in Solidity (part of the tests too)
	cd contracts && $(WITH_TOOLS) node_modules/.bin/forge test

forge-long: setup-dev ## The same for some seven minutes on two free cores; SEED=0x2a tries other cases
	cd contracts && FOUNDRY_PROFILE=long $(WITH_TOOLS) node_modules/.bin/forge test $(if $(SEED),--fuzz-seed $(SEED))

slither: setup-dev $(VENV)/.slither ## Analyse the contracts, and compare what is found with what docs/contracts.md answers
	$(WITH_TOOLS) $(BIN)/python -m contracts.analyse --slither $(VENV)/slither/bin/slither

bench: setup-bench ## Measure against named peers in the same run; writes benchmarks/results.json
	$(WITH_TOOLS) $(BIN)/python -m benchmarks $(ARGS)

lock: $(VENV)/.made ## Write the lock files anew; UPGRADE=--upgrade takes newer versions
	rm -rf $(VENV)/lock
	$(BIN)/python -m venv $(VENV)/lock
	$(VENV)/lock/bin/python -m pip --quiet --disable-pip-version-check install uv
	$(call COMPILE,--group build --group shared,run)
	$(call COMPILE,--group dev --constraints constraints/run.txt,dev)
	$(call COMPILE,--group bench --constraints constraints/dev.txt,bench)
	rm -rf $(VENV)/lock

# Universal: one file for every platform and Python, with markers; no address of an index is written down.
COMPILE = $(VENV)/lock/bin/uv pip compile --quiet --no-config --universal --python-version 3.11 \
	--fork-strategy fewest --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" $(UPGRADE) \
	--all-extras $(1) --output-file constraints/$(2).txt pyproject.toml

clean: ## Remove what the other targets made
	@if [ -f demo/demonstration.json ]; then rm -rf demo; fi
	rm -rf $(VENV) build dist contracts/node_modules benchmarks/node_modules tests/peers/node_modules \
		.pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The first Python that is new enough; said plainly when there is none, or when it cannot make environments
# (Debian and Ubuntu ship that part as a package of its own).
$(VENV)/.made:
	@for python in $(PYTHON) python3.13 python3.12 python3.11; do \
		$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && found=$$python && break; \
	done; \
	if [ -z "$$found" ]; then \
		echo "Python 3.11 or newer is needed and '$(PYTHON)' is not: install it, or name it: make PYTHON=/path/to/python3" >&2; exit 1; \
	fi; \
	version=$$($$found -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	if ! $$found -c 'import venv, ensurepip' 2>/dev/null; then \
		echo "Python $$version here cannot make virtual environments: install its venv part (Debian, Ubuntu: apt-get install python$$version-venv)" >&2; exit 1; \
	fi; \
	echo "Making $(VENV) with Python $$version"; \
	$$found -m venv $(VENV)
	@touch $@

$(VENV)/.run: constraints/run.txt | $(VENV)/.made
	@echo "Installing what constraints/run.txt locks (the first time takes a minute)"
	@$(LOCKED) constraints/run.txt
	@touch $@

$(VENV)/.dev: constraints/dev.txt constraints/run.txt | $(VENV)/.made
	@echo "Installing what constraints/dev.txt locks (the first time takes a minute or two)"
	@$(LOCKED) constraints/dev.txt
	@touch $(VENV)/.run $@

$(VENV)/.bench: constraints/bench.txt constraints/dev.txt | $(VENV)/.dev
	@echo "Installing what constraints/bench.txt locks (large: the peers to measure against)"
	@$(LOCKED) constraints/bench.txt
	@touch $@

# The analyser of the contracts has dependencies of its own and none of the project's: an environment apart.
$(VENV)/.slither: | $(VENV)/.made
	@echo "Installing slither"
	@$(BIN)/python -m venv $(VENV)/slither
	@$(VENV)/slither/bin/python -m pip -qq --disable-pip-version-check --no-input install --only-binary :all: slither-analyzer==0.11.6
	@touch $@

# After .run or .dev, whichever was asked for: the build backend must be there first.
$(VENV)/.this: pyproject.toml
	@$(THIS)
	@touch $@

$(NPM_STAMP) $(NPM_PEERS) $(NPM_BENCH): %/node_modules/.package-lock.json: %/package.json %/package-lock.json | $(VENV)/.dev
	@echo "Installing what $*/package-lock.json locks"
	@cd $* && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
