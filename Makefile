# Every target sets up what it needs in .venv by itself; the second time that takes no time.
PYTHON ?= python3
SEEDS ?= 20000
WORKERS ?= 2
ARGS ?=
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help venv demo test coverage lint bench simulate model docs lock clean

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

venv: ## Set up .venv from requirements/lock.txt
	@$(PYTHON) requirements/install.py

demo: venv ## Start everything, publish five synthetic departments, search; ARGS=... are passed on
	@$(BIN)/recordbus demo $(ARGS)

test: lint ## Everything: lint, types, walls, then all tests
	@$(BIN)/pytest -n $(WORKERS)

coverage: venv ## Which lines no quick test reaches; noting them takes as long again as the tests
	@$(BIN)/pytest -m "not kafka and not worlds" -n $(WORKERS) --cov --cov-report=term:skip-covered

lint: venv ## Style, types and walls between the packages
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: venv ## Measure speed on a real Kafka; takes a while and wants a quiet machine
	@$(BIN)/python -m bench $(ARGS)

simulate: venv ## Try SEEDS=n random worlds with crashes against the stages
	@$(BIN)/python -m tests.simulator --seeds $(SEEDS) $(ARGS)

model: venv ## Train the shipped person model anew, in an environment of its own (800 MB)
	@$(BIN)/python -m bench.resolution.train_shipped $(ARGS)

docs: venv ## Write docs/reference anew from the code
	@$(BIN)/python -m docs.generate

LOCKED = $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
  --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links
SERVED = --extra postgres --extra opensearch --extra sftp

lock: venv ## Choose the newest versions that pyproject.toml allows, with their hashes
	@$(LOCKED) --upgrade $(SERVED) --extra dev --output-file requirements/lock.txt
	@$(LOCKED) $(SERVED) --constraint requirements/lock.txt --output-file requirements/runtime.txt
	@$(LOCKED) --extra train --extra worlds --constraint requirements/lock.txt \
	  --output-file requirements/train.txt

clean: ## Remove .venv, caches and build output; run/ holds data and stays
	@rm -rf .venv .venv.lock build dist .coverage .coverage.* \
	  .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
