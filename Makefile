# verdictlog: `make help` lists what can be done.
# Needs Python 3.11 or newer, make and a package index; everything else is set up here.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
DEMO   := demo-data

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: setup
setup: $(READY) ## Make the virtual environment and install what the lock file pins

$(READY): pyproject.toml requirements.lock
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "verdictlog needs Python 3.11 or newer; say which one: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV)
	@echo "installing what requirements.lock pins (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m compileall -qq -j 0 -x '/tests?/' $(VENV)/lib || true  # pip uses one core; some templates are no Python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: demo
demo: $(READY) ## Crawl the sample site twice, a month apart, and open the dataset on http://127.0.0.1:8001
	$(BIN)/python scripts/demo --data $(DEMO)

.PHONY: test
# Four workers on two cores: most tests wait for processes that they start.
test: lint ## Lint, types, and all tests (a seeded sample of the long ones)
	$(BIN)/python -m pytest -q -n 4 -m "not long"

.PHONY: test-all
test-all: lint ## Every test, the long ones in full
	VERDICTLOG_TEST_LONG=1 $(BIN)/python -m pytest -q -n 4

.PHONY: fuzz
PAGES := 200000
fuzz: $(READY) ## Fuzz for a night: broken pages (PAGES=200000), hostile answers to crawls
	$(BIN)/python -m tests.fuzz --pages $(PAGES)
	$(BIN)/python -m tests.fuzz.answers --answers 20000

.PHONY: lint
lint: $(READY) ## Check style, types, and that what is installed fits together
	@$(BIN)/python -m pip check --disable-pip-version-check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --num-workers auto

.PHONY: format
format: $(READY) ## Format the code and mend what can be mended by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: generate
generate: $(READY) ## Make the files anew that are made from code: metadata, docs, samples
	$(BIN)/python -m dataset.schema.metadata --write
	$(BIN)/python -m dataset.schema.dictionary --write
	$(BIN)/python -m verdictlog.reference --write

.PHONY: docs
docs: $(READY) ## Build the documentation as a site: open site/index.html
	$(BIN)/mkdocs build

.PHONY: bench
bench: $(READY) ## Measure speed, as ratios against references taken in the same run
	$(BIN)/python -m bench

.PHONY: screenshots
screenshots: $(READY) ## Make the pictures of the docs anew (needs chromium: scripts/install-system-packages)
	$(BIN)/python scripts/screenshots

LOCKED := --extra dev --extra cluster --extra alerts --extra export
DEPLOYED := --extra cluster --extra alerts --extra export
COMPILE := $(BIN)/uv pip compile pyproject.toml --generate-hashes --python-version 3.11 --universal --no-header --no-annotate --quiet

.PHONY: lock
lock: $(READY) ## Pin every dependency anew
	$(COMPILE) $(LOCKED) --upgrade --output-file requirements.lock
	$(COMPILE) deploy/build.in $(DEPLOYED) --constraint requirements.lock --upgrade --output-file deploy/requirements.lock

.PHONY: clean
clean: ## Remove what was made here: environment, demo data, caches
	rm -rf $(VENV) $(DEMO) site .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis
