# Wraps Python only; README shows the same steps for systems without make.
# Another interpreter: make test PYTHON=python3.12

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SUDO := $(shell test "$$(id -u)" = 0 || echo sudo -n)

# Each command starts a Python of its own: where bytecode may not be kept, all its modules would be compiled each time,
# 4.5 s of the processor instead of 1.7 (measured).
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo test check desk long soak help-desk bench engines clean

help:
	@echo "make demo    back up, recover and reply on the mock portal"
	@echo "make test    check and test everything"
	@echo "make check   only the checks that need no browser: ruff, mypy, import-linter"
	@echo "make long    the tests that make test leaves out: most of the kills, what Firefox repeats, the demo in the other skin: up to three quarters of an hour"
	@echo "make soak SEEDS=\"1 2 3\"   random faults and changes; prints the table of faults survived: a minute a seed"
	@echo "make help-desk   the help desk's tests again with 500 cases: ten minutes"
	@echo "make bench BENCH=\"live search\"   measure against the goals, all of them when none is named: twenty minutes"
	@echo "make clean   remove the environment and what tests and demos left"

# Each stamp is newer than what it was made from, so that running again starts at once.
$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "caselog needs Python 3.11 or newer; name one with: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ $(SUDO) apt-get -qq update && $(SUDO) apt-get -qq install -y python3-venv; } || \
		{ echo "Install the package python3-venv (as an administrator: apt-get install python3-venv)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@# Older pips compare every file of an index with every tag of the system: half the time of an installation.
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r pip.lock || \
		echo "The environment's own pip does as well, only slower."
	@touch $@

$(VENV)/.installed: requirements.lock pyproject.toml $(VENV)/.made
	$(BIN)/python -m pip install --quiet --no-compile --no-deps --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.engines: $(VENV)/.installed
	$(BIN)/caselog setup
	@touch $@

engines: $(VENV)/.engines

demo: $(VENV)/.engines
	$(BIN)/caselog demo

CHECKS := check-style check-types check-types-win32 check-types-darwin check-imports
.PHONY: $(CHECKS)

$(CHECKS): $(VENV)/.installed

# Side by side: the types alone take a minute on one core.
check: $(VENV)/.made
	@$(MAKE) --no-print-directory --jobs 2 $(CHECKS)

check-style:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

check-types:
	$(BIN)/mypy

# Asks only for what a platform lacks, of our own calls: a quarter of the time that libraries and strictness take again.
check-types-win32 check-types-darwin: check-types-%:
	$(BIN)/mypy --config-file= --explicit-package-bases --follow-imports skip --disable-error-code call-arg \
		--platform $* --cache-dir .mypy_cache/$* agent storage mock_portal

check-imports:
	$(BIN)/lint-imports

# One process more than cores: the tests wait for browsers at times.
PYTEST := $(BIN)/pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

# Needs nothing of caselog's own, so that it goes beside the installation.
desk: $(VENV)/.made
	@PYTHONPATH=. $(BIN)/python tests/help_desk/desk.py

# pytest goes last: its closing line is the result.
test: $(VENV)/.made
	@$(MAKE) --no-print-directory --jobs 3 desk engines $(CHECKS)
	$(PYTEST)

long: $(VENV)/.engines desk
	$(PYTEST) -m long

SEEDS ?= 1 2 3 4
soak: $(VENV)/.engines
	$(BIN)/python -m tests.soak $(SEEDS)

help-desk: $(VENV)/.engines
	CASELOG_DESK_CASES=500 $(BIN)/pytest tests/e2e/help_desk -o timeout=3600

bench: $(VENV)/.engines
	$(BIN)/python -m tests.bench $(BENCH) --json .cache/bench/last.json

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis demo-out
