.DEFAULT_GOAL := help
.PHONY: help setup demo demo-files test test-15 test-live check bench docs build lock clean

PYTHON ?= python3.11
ifeq ($(shell command -v $(PYTHON) 2>/dev/null),)
PYTHON := python3
endif
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up

help: ## Show what each target does
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "%-12s %s\n", $$1, $$2}'

setup: $(STAMP) ## Make .venv with the pinned dependencies (needs Python 3.11 with venv)

$(STAMP): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Setting up $(VENV); this takes about a minute."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

# What an earlier demo left is taken away, unless that one still runs.
OLD_DEMO := demo/keeper/postgres/postmaster.pid
define remove_old_demo
@if test -f $(OLD_DEMO) && kill -0 "$$(head -n 1 $(OLD_DEMO))" 2>/dev/null; then \
  echo "An earlier demo still runs in demo/; stop it with Ctrl-C first."; exit 1; fi
@rm -rf demo
endef

demo: setup ## Make the example organisation and serve it in the middle of a review; tells how to sign in, until Ctrl-C
	$(remove_old_demo)
	@$(BIN)/passmuster demo --out demo --serve

demo-files: setup ## Run the main job on the examples that ship; prints the summary and the reports' paths, and ends
	$(remove_old_demo)
	@$(BIN)/passmuster demo --out demo

# A file is one process's business; the order is that of tests/long_first.py.
SHARED_OUT := -n auto --dist loadfile --no-loadscope-reorder
test: setup ## Run the tests; browser and Node-RED tests run where Chromium and npm are there
	@$(BIN)/python -m pytest -m "not live_n8n and not live_directus and not live_nocodb" $(SHARED_OUT)

# Left out on 15: what asks no other SQL than the rest, and takes minutes.
NOT_ON_15 := worker/test_chaos web/api/test_fuzz web/test_list_plans web/test_single_sign_on application/test_example application/test_bundling
test-15: setup ## Run the tests that speak SQL on PostgreSQL 15 as well (the embedded one is 18; Debian: postgresql-15)
	@$(BIN)/python -m tests.on_postgres 15 $(BIN)/python -m pytest -m "speaks_sql and not browser" $(SHARED_OUT) \
	  tests/records tests/application tests/worker tests/web $(NOT_ON_15:%=--ignore=tests/%.py)

test-live: setup ## Run the tests against a real n8n, Directus and NocoDB (installs them once, about 6 GB)
	@$(BIN)/python -m pytest -m "live_n8n or live_directus or live_nocodb" tests/live

check: setup ## Lint, format, types, layers, packs, generated docs
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/passmuster packs verify no-code-baseline
	@$(BIN)/passmuster packs verify scuba-power-platform
	@$(BIN)/passmuster packs verify salesforce-health-check
	@$(BIN)/passmuster packs verify salesforce-permissions
	@$(BIN)/passmuster packs verify servicenow-hardening
	@$(BIN)/python docs/generate.py --check

bench: setup ## Measure the heavy work against peers and limits; prints ratios (long)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@$(BIN)/python -m benchmarks
	@$(BIN)/python -m benchmarks.planning --out benchmarks/results/planning.json
	@$(BIN)/python -m benchmarks.planning --families synthetic --jobs 20000 --loads 0.8 --seconds 60 --docs docs/benchmarks-planning.md \
	  --also benchmarks/results/planning.json

docs: setup ## Write the generated reference pages anew
	@$(BIN)/python docs/generate.py

build: setup ## Build the wheel into dist/
	@$(BIN)/python -m hatchling build -t wheel

lock: ## Pin the dependencies anew (needs uv)
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --no-annotate --python-version 3.11 pyproject.toml -o requirements/run.txt
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --no-annotate --python-version 3.11 --extra dev -c requirements/run.txt pyproject.toml -o requirements/dev.txt
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --no-annotate --python-version 3.11 --extra dev --extra bench pyproject.toml -o requirements/bench.txt

clean: ## Remove what was built
	rm -rf $(VENV) demo dist build
