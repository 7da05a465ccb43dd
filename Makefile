# Everything runs from a fresh clone with Python 3.11 or newer and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# One process per processor; what a file of tests sets up is set up once. In the order of names the long
# files come early; by their number of tests those of one long test would come last, one process idle.
PARALLEL ?= -n auto --dist loadfile --no-loadscope-reorder
PROTOS := $(shell find protos -name '*.proto')

.DEFAULT_GOAL := help
# Tests and the demo start hundreds of processes: each would compile every module again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help setup demo test check bench bench-answer bench-peers bench-deid bench-scale protos lock clean

help:  ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# uv where it is present, else venv and pip: both install the hashed lock, then this project.
# --no-deps: the lock is whole. Without it pip meets "coverage[toml]" before its pin, picks the
# newest version and refuses it for want of a hash.
$(VENV)/.ready: requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed (PYTHON=...)"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed, found $$($(PYTHON) --version); try PYTHON=python3.12"; exit 2; }
	@if command -v uv >/dev/null; then \
		{ test -x $(BIN)/python || uv venv --quiet --python "$$(command -v $(PYTHON))" $(VENV); } && \
		uv pip install --quiet --compile-bytecode --python $(BIN)/python --no-deps --require-hashes -r requirements.lock && \
		uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e . ; \
	else \
		{ test -x $(BIN)/python || $(PYTHON) -m venv $(VENV); } && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . && \
		{ $(BIN)/python -m pip check --disable-pip-version-check >/dev/null || $(BIN)/python -m pip check ; } ; \
	fi
	@touch $@

setup: $(VENV)/.ready  ## build .venv from the hashed lock

demo: setup  ## run a synthetic network of nine hospitals on this machine
	@$(BIN)/osteon demo run

check: setup  ## the fast part: lint, types, contracts, protos, unit tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd protos && ../$(BIN)/buf lint
	$(BIN)/pytest $(PARALLEL) -q tests/unit tests/spec -m "not slow"

test: setup  ## everything: check, then every test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd protos && ../$(BIN)/buf lint
	$(BIN)/pytest $(PARALLEL) -q

# Of the query engine all is made here, one after the other on a machine that should have nothing else to
# do. deid.md and deid_scale.md are made apart: the first installs its peers from a package index and takes
# half an hour, the last puts a million notes through, twice, and takes a night.
# coverage_*.py are parts of coverage.py, totals_together.py of totals.py, study_first.py and study_ways.py of study.py; registry_scale.py loads for half an hour and is run by itself.
bench: bench-answer bench-peers  ## measured tables of the query engine (hours; peers are installed under .bench)
	@for table in $(filter-out $(wildcard tests/benchmarks/deid*.py tests/benchmarks/coverage_*.py) $(addprefix tests/benchmarks/,answer.py peers.py environments.py tables.py study_first.py study_ways.py totals_together.py registry_scale.py),$(wildcard tests/benchmarks/[a-z]*.py)); do \
		echo "== $$table"; $(BIN)/python $$table || exit 1; done

bench-answer: setup  ## a site's answer against plain SQL, and a node's memory (ten minutes)
	@$(BIN)/python -m tests.benchmarks.answer

bench-peers: setup  ## the query engine against its peers (installs them under .bench)
	@$(BIN)/python -m tests.benchmarks.peers

bench-deid: setup  ## de-identification against its peers (installs them under .bench)
	@$(BIN)/python -m tests.benchmarks.deid

bench-scale: setup  ## memory and speed over many notes (hours)
	@$(BIN)/python -m tests.benchmarks.deid_scale

protos: setup  ## regenerate the committed stubs from protos/
	$(BIN)/python -m grpc_tools.protoc -I protos --python_out=. --pyi_out=. --grpc_python_out=. $(PROTOS)

lock: setup  ## resolve pyproject.toml into requirements.lock (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--group dev pyproject.toml -o requirements.lock

clean:  ## remove what was built (not the site folders you made)
	rm -rf $(VENV) .demo .bench .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
