# The registry's doors. `make demo` and `make test` are all a newcomer needs; see README.

PORT ?= 8000
PYTEST_WORKERS ?= 2
VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python

# Any Python that will do; looked for once, and only when .venv is made.
find_python = $(shell for each in python3.13 python3.12 python3.11 python3; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
PYTHON ?= $(eval PYTHON := $(find_python))$(PYTHON)

# A stamp is named after what the lock files say: unchanged locks cost nothing, whatever a
# checkout did to their dates.
fingerprint = $(shell cat $(1) | cksum | cut -d ' ' -f 1)
RUNTIME_LOCKS := requirements/uv.txt requirements/runtime.txt requirements/postgres.txt
DEV_LOCKS := $(RUNTIME_LOCKS) requirements/dev.txt
RUNTIME := $(VENV)/runtime-$(call fingerprint,$(RUNTIME_LOCKS))
DEV := $(VENV)/dev-$(call fingerprint,$(DEV_LOCKS))
INSTALL := $(BIN)/uv pip install --quiet --python $(PY) --require-hashes --compile-bytecode

.PHONY: setup demo test check fix prove bench lock chromium

setup: $(RUNTIME)

# exec and MMN_ENDS_WITH_MAKE: whichever process of this command is killed, none is left over.
demo: $(RUNTIME)
	@MMN_ENDS_WITH_MAKE=1 PORT=$(PORT) exec $(PY) manage.py demo

test: $(DEV) chromium
	$(PY) -m pytest -n $(PYTEST_WORKERS) -m "not alone"
	$(PY) -m pytest -m alone

check: $(DEV)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	MMN_DATA_DIR=.data/tests $(PY) manage.py makemigrations --check --dry-run
	MMN_PRODUCTION=1 SECRET_KEY="$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(64))')" \
	ALLOWED_HOSTS=registry.example DATABASE_URL=postgres://mmn_app@localhost/mmn \
	DATABASE_DERIVE_URL=postgres://mmn_derive@localhost/mmn \
	MMN_IDENTITY_KEY="$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(64))')" \
	MMN_STATIC_ROOT=.data/static $(PY) manage.py check --deploy --fail-level WARNING

fix: $(DEV)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Every figure beside its limit, at 50,000 patients: an hour or two, and 20 GB in .data/benchmarks.
bench: $(DEV)
	$(PY) -m benchmarks --report .data/benchmarks/figures.json

prove: $(DEV)
	$(PY) -m benchmarks.prove

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header

lock: $(RUNTIME)
	for name in uv postgres runtime; do \
		$(LOCK) requirements/$$name.in --output-file requirements/$$name.txt; done
	$(LOCK) requirements/dev.in --constraints requirements/runtime.txt --output-file requirements/dev.txt

$(PY):
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or later was found: install one, or name it as in \`make $(or $(MAKECMDGOALS),setup) PYTHON=/path/to/python3\`." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) lacks its venv module: install it (on Debian and Ubuntu the package python3-venv)." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(RUNTIME): | $(PY)
	@echo "Installing what the registry needs into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r requirements/uv.txt
	@$(INSTALL) -r requirements/runtime.txt -r requirements/postgres.txt
	@rm -f $(VENV)/runtime-*
	@touch $@

$(DEV): | $(RUNTIME)
	@echo "Installing what tests and checks need into $(VENV) …"
	@$(INSTALL) -r requirements/dev.txt -r requirements/postgres.txt
	@# So that a bare `pytest`, which does not look here, finds the plugin that it is told to load.
	@echo "$(CURDIR)" > "$$($(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/mmn_registry_checkout.pth"
	@rm -f $(VENV)/dev-*
	@touch $@

# Browser tests drive the system's Chromium. Root's set-up installs it; others are told its name.
chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || \
	command -v google-chrome >/dev/null || test -d "/Applications/Google Chrome.app" || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		export DEBIAN_FRONTEND=noninteractive; \
		apt-get update -qq && apt-get install -y -qq chromium fonts-liberation fonts-dejavu-core >/dev/null; \
	else \
		echo "The browser tests need Chromium: install the package chromium, then run \`make test\` again." >&2; \
		exit 1; \
	fi
