# One command runs the job, one passes the tests. Both install what they need into .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

export DBT_PROFILES_DIR := $(CURDIR)
export DBT_SEND_ANONYMOUS_USAGE_STATS := false

.PHONY: run test install lint parse build pytest lock catalog demo benchmark clean

run: install  ## build the demo company, test it, publish it to exports/current
	@$(BIN)/python scripts/kpis.py run

install: $(INSTALLED)

$(INSTALLED): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' \
		|| { echo "Python 3.11, 3.12 or 3.13 is needed; name it with: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the locked dependencies into $(VENV) (once, about a minute) ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

test: lint parse build pytest  ## everything that CI runs

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --disable-progress-bar models tests

parse: install
	$(BIN)/dbt --warn-error --no-partial-parse parse --quiet

build: install
	$(BIN)/dbt build --quiet --no-use-colors
	@echo "dbt build: all models, unit tests and data tests passed"

pytest: install
	$(BIN)/pytest

lock: install  ## rewrite requirements.txt after a change in pyproject.toml
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
		--only-binary dbt-core-experimental-parser --custom-compile-command "make lock" \
		--extra dev pyproject.toml --output-file requirements.body
	printf -- '--only-binary dbt-core-experimental-parser\n' | cat - requirements.body > requirements.txt
	rm requirements.body

catalog: install  ## write what follows from the KPI cards: the list in kpi_cells.sql, docs/kpis.md, docs/requirements.md
	$(BIN)/python scripts/catalog.py

demo: install  ## write seeds/demo again from the demo company's script
	$(BIN)/python scripts/make_demo.py

benchmark: install
	$(BIN)/python scripts/benchmark.py

clean:
	rm -rf target logs dbt_packages .pytest_cache .mypy_cache .ruff_cache pipeline_kpis.duckdb*
