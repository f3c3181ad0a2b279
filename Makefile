# Everything a contributor runs is one word. `make portal` needs Python 3.11 or newer, `make test` installs what it needs.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SERVE ?= 1
PORT ?= 8000
REPORTS ?= 100000
OPTIONS ?=
FUZZ_SECONDS ?= 600
DAMAGED ?= 2000
EDITS ?= 300

.PHONY: portal test quick lint edits kills fuzz bench bench-search bench-quality check messages wheel lock audit clean
portal: $(VENV)/.installed
	$(BIN)/waypost build --site content --out site
ifeq ($(SERVE),1)
	@echo "http://localhost:$(PORT)/  (press Ctrl+C to stop)"
	@$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory site
endif

# What was tested is what is installed: the locks hold versions and hashes. `pip install waypost` takes the ranges of pyproject.toml.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
$(VENV)/.installed: pyproject.toml requirements.lock
	tests/system-packages venv "$(PYTHON)"
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(INSTALL) --upgrade "pip>=25.1"
	$(INSTALL) --require-hashes --requirement requirements.lock
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.tested: $(VENV)/.installed requirements-test.lock tests/package-lock.json
	$(INSTALL) --require-hashes --requirement requirements-test.lock
	tests/system-packages tests
	npm ci --prefix tests --no-audit --no-fund --silent
	@touch $@

test: $(VENV)/.tested lint
	$(BIN)/python -m pytest -n auto --dist loadfile --durations=40

quick: $(VENV)/.tested
	$(BIN)/python -m pytest -n auto -m "not slow and not browser and not checkers"

lint: $(VENV)/.tested
	$(BIN)/ruff check .
	$(BIN)/mypy

# Each target for its share of FUZZ_SECONDS, then DAMAGED damaged sites.
fuzz: $(VENV)/.tested
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group fuzz
	$(BIN)/python -m tests.fuzz.run --seconds $(FUZZ_SECONDS)
	$(BIN)/python -m tests.fuzz.damaged_sites --sites $(DAMAGED)

# Random sequences of edits and mishaps, each of which must end in what a clean build gives; some on a large site.
edits: $(VENV)/.tested
	WAYPOST_EDITS=$(EDITS) $(BIN)/python -m pytest tests/generator/test_incremental.py -q -n auto --dist worksteal

kills: $(VENV)/.tested
	WAYPOST_KILLS=200 $(BIN)/python -m pytest tests/generator/test_publish_kills.py -q -s

bench: $(VENV)/.tested
	$(BIN)/python -m tests.benchmarks.bench --reports $(REPORTS) $(OPTIONS)

bench-search: $(VENV)/.tested
	$(BIN)/python -m tests.benchmarks.pr_search --reports $(REPORTS)

bench-quality: $(VENV)/.tested
	$(BIN)/python -m tests.benchmarks.search_quality

check: $(VENV)/.installed
	$(BIN)/waypost check --site content

messages: $(VENV)/.installed
	$(BIN)/python -m generator.messages

wheel: $(VENV)/.tested
	$(BIN)/python -m build --wheel --no-isolation

# Writes the locks anew: the newest versions that pyproject.toml and tests/package.json allow, for Python 3.11 and newer on any system.
LOCK := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url \
        --no-emit-find-links --custom-compile-command "make lock" --quiet --upgrade
lock: $(VENV)/.installed
	$(INSTALL) --group lock
	$(LOCK) --group build --group test --output-file requirements-test.lock
	$(LOCK) --group build --constraints requirements-test.lock --output-file requirements.lock
	npm install --prefix tests --package-lock-only --no-audit --no-fund --silent

# Known vulnerabilities in what the locks and tests/package-lock.json name.
audit: $(VENV)/.installed
	$(INSTALL) --group lock
	$(BIN)/pip-audit --require-hashes --disable-pip --requirement requirements-test.lock
	npm audit --prefix tests --omit=optional

clean:
	rm -rf site site-editorial dist content/.waypost
