# clean-scrape: `make run` shows it at work, `make test` and `make check` judge a change.
#
# Everything happens in .venv, made on first use. With VENV= (empty) the commands use $(PYTHON)
# as it is, for machines that bring their own environment.

PYTHON ?= python3
VENV ?= .venv
BIN := $(if $(filter Windows_NT,$(OS)),Scripts,bin)
PY := $(if $(VENV),$(VENV)/$(BIN)/python,$(PYTHON))
STAMPS := $(if $(VENV),$(VENV),build)
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --editable

.PHONY: help run test test-engines soak check fixture rules docs site screenshots weights bench bench-run bench-scale \
    wheel clean

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1 : /p' Makefile

run: $(STAMPS)/.installed ## clean the pages in examples/pages into examples/clean
	@rm -rf examples/clean
	@$(PY) -m cleaner examples/pages examples/clean
	@echo
	@echo 'Clean bodies:         examples/clean/'
	@echo 'Every line that went: examples/clean/_report/index.html (for programs: pages.jsonl)'
	@echo 'One page explained:   $(PY) -m cleaner explain examples/pages/lock.txt'

test: $(STAMPS)/.installed-test ## run all tests
	$(PY) -m pytest

ENGINES ?= *
test-engines: $(STAMPS)/.installed-test-engines ## run the tests of the engines (ENGINES=spark for one): installs Ray, Spark (which needs Java 17) and datatrove, some 1.5 GB
	$(PY) -m pytest $(patsubst %,tests/test_engines_%.py,$(ENGINES))

soak: $(STAMPS)/.installed-test ## run the long tests too: kills, poisons and hostile pages at full size (some 30 minutes)
	CLEAN_SCRAPE_SOAK=1 $(PY) -m pytest

check: $(STAMPS)/.installed-lint ## lint, check the format, the types and the import layers
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'

fixture: $(STAMPS)/.installed-test ## write the expected files of a fixture: make fixture CASE=paywall/en-subscribe
	$(PY) -m tests.make_fixture $(CASE)

rules: $(STAMPS)/.installed ## write the pages of docs/ that come from the code: rules.md, schema.md, cli.md
	$(PY) docs/make_rules.py > docs/rules.md
	$(PY) docs/make_schema.py > docs/schema.md
	$(PY) docs/make_cli.py > docs/cli.md

docs: rules $(STAMPS)/.installed-test ## write those, and today's output into the examples of README and docs
	$(PY) -m tests.shown

site: $(STAMPS)/.installed-docs ## build the documentation into build/site, and check every link in it
	$(PY) -m sphinx --fail-on-warning --keep-going --nitpicky --fresh-env --quiet -d build/doctrees docs build/site
	$(PY) docs/check_links.py build/site
	@echo 'The documentation: build/site/index.html'

screenshots: $(STAMPS)/.installed-test-browser ## picture the report for README and docs (needs Chromium)
	$(PY) docs/make_screenshots.py

weights: $(STAMPS)/.installed-train ## learn all weights anew, and the model card (needs the labelled pages)
	$(PY) -m training
	$(PY) -m training.sites

bench: $(STAMPS)/.installed-bench ## measure quality and speed beside peers (needs the labelled pages): make bench ARGS='--part 4'
	$(PY) -m bench $(ARGS)

bench-run: $(STAMPS)/.installed-bench ## measure whole runs beside a peer: pages a second, overhead, memory: make bench-run ARGS='--only speed'
	$(PY) -m bench.runs $(ARGS)

bench-scale: $(STAMPS)/.installed-bench ## measure what 1e9 pages would cost (docs/scale.md): make bench-scale ARGS='--only count --keys 1000000'
	$(PY) -m bench.scale $(ARGS)

wheel: $(STAMPS)/.installed ## build a wheel into dist
	$(PY) -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .

clean: ## remove everything that the other commands made
	rm -rf .venv build dist examples/clean *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMPS)/.installed: setup.cfg pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'clean-scrape needs Python 3.11 or newer, and "$(PYTHON)" is not. Name another: make PYTHON=python3.12 run' >&2; exit 2; }
	$(if $(VENV),$(PYTHON) -m venv $(VENV),@mkdir -p $(STAMPS))
	$(PIP) .
	@touch $@

# The pip of Python 3.11 stops at the extras of lxml that the tools of training require: "Candidate is not for this
# requirement". Newer ones do not.
$(STAMPS)/.installed-train: $(STAMPS)/.new-pip
$(STAMPS)/.new-pip: $(STAMPS)/.installed
	$(if $(VENV),$(PY) -m pip install --quiet --disable-pip-version-check --upgrade pip)
	@touch $@

$(STAMPS)/.installed-%: $(STAMPS)/.installed
	$(PIP) '.[$*]'
	@touch $@
