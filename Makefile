# guiyi 归一. Two commands for a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

# What answers within a minute: the rules, comparisons and small parts that need no process, browser, night or store.
QUICK  := tests/ground tests/rules tests/dedup

.PHONY: demo test quick lint types contracts tests bench screenshots clean

demo: $(VENV)/.installed  ## run the main job on the sample files
	@$(BIN)/guiyi demo

test: lint types contracts tests  ## everything that must hold

quick: lint  ## while you write: lint and the tests that need little
	$(BIN)/python -m pytest -n 2 -q -m quick $(QUICK)

lint: $(VENV)/.installed .build/guiyi
	cd .build && $(abspath $(BIN))/ruff check guiyi
	cd .build && $(abspath $(BIN))/ruff format --check guiyi

types: $(VENV)/.installed .build/guiyi
	cd .build && $(abspath $(BIN))/mypy --config-file ../pyproject.toml --cache-dir ../.mypy_cache -p guiyi
	cd .build && $(abspath $(BIN))/mypy --config-file ../pyproject.toml --cache-dir ../.mypy_cache/win32 --platform win32 -p guiyi

contracts: $(VENV)/.installed
	$(BIN)/lint-imports

tests: $(VENV)/.installed  # compiled first: tests start many commands, of which each would compile the package for itself
	@$(BIN)/python -m compileall -q -x '/[.]' .
	$(BIN)/python -m pytest -n 2 --dist worksteal -q

bench: $(VENV)/.installed  ## slow and hardware-bound figures
	$(BIN)/python -m benchmarks

screenshots: $(VENV)/.installed  ## docs/images, from the pages that the tests look at (needs Chromium)
	SCREENSHOTS=$(abspath docs/images) $(BIN)/python -m pytest -q tests/reports/test_quality_page.py -k self_contained

# The environment is rebuilt when what it is made from changes.
$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "guiyi needs Python 3.11 or newer / 需要 Python 3.11 或更新版本")'
	@echo 'guiyi: installing into $(VENV); this takes a minute or two the first time / 正在安装到 $(VENV)，首次需要一两分钟'
	$(PYTHON) -m venv $(VENV)
	PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

# mypy and ruff name modules by their folder: the checkout may have any name (`operator` is a module of the standard
# library), the package has one. They run from there, so that the room io/ is not taken for the standard library's io either.
.build/guiyi:
	@mkdir -p .build && ln -sfn .. .build/guiyi

clean:
	rm -rf $(VENV) .build build *.egg-info demo-output
