# Everything a contributor runs is one word. `make portal` needs Python 3.11 or newer, `make test` installs what it needs.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SERVE ?= 1
PORT ?= 8000
REPORTS ?= 100000
OPTIONS ?=

.PHONY: portal test quick lint kills bench bench-search bench-quality check messages wheel clean
portal: $(VENV)/.installed
	$(BIN)/waypost build --site content --out site
ifeq ($(SERVE),1)
	@echo "http://localhost:$(PORT)/  (press Ctrl+C to stop)"
	@$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory site
endif

$(VENV)/.installed: pyproject.toml
	tests/system-packages venv "$(PYTHON)"
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.tested: $(VENV)/.installed tests/package.json
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group test
	tests/system-packages tests
	npm install --prefix tests --no-audit --no-fund --silent
	@touch $@

test: $(VENV)/.tested lint
	$(BIN)/python -m pytest -n auto --dist loadfile

quick: $(VENV)/.tested
	$(BIN)/python -m pytest -n auto -m "not slow and not browser and not checkers"

lint: $(VENV)/.tested
	$(BIN)/ruff check .
	$(BIN)/mypy

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
	$(BIN)/python -m build --wheel

clean:
	rm -rf site site-editorial dist content/.waypost
