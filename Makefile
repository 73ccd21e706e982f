# One command runs the job, one passes the tests. Both install what they need into .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

# dbt v2 and the DuckDB library that it loads: an npm package of the same version as the DuckDB of requirements.txt.
V2 := .venv-v2
DUCKDB_LIBRARY := @duckdb/node-bindings-linux-x64@1.5.6-r.1
DUCKDB_LIBRARY_SHA512 := 21772b64913a904a8cd19e30c1d5671811d7fdface4b7dd53cd0300d743f43e16cf386f4e7c41ef78721ac208870d2651bc6375072145387817824315b998dd5

# dbt's adapter for PostgreSQL: a small environment on top of the first one.
POSTGRES := .venv-postgres
SPARK := .venv-spark
SITE := "import sysconfig; print(sysconfig.get_path('purelib'))"

# pandas, to be measured beside the project.
BENCHMARK := .venv-benchmark

export DBT_PROFILES_DIR := $(CURDIR)
export DBT_SEND_ANONYMOUS_USAGE_STATS := false

.PHONY: run test install lint parse build pytest mf test-report v2 test-v2 test-postgres test-spark lock catalog demo benchmark clean

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

# Two at a time, because dbt keeps one core busy only. Each has a target folder of its own, and sqlfluff no need of the database.
test: install  ## everything that CI runs
	@$(MAKE) --no-print-directory -j 2 lint parse build
	DEMO_IS_BUILT=yes $(BIN)/pytest

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	KPI_DATABASE=:memory: $(BIN)/python scripts/lint_sql.py lint --disable-progress-bar models tests

parse: install
	$(BIN)/dbt --warn-error --no-partial-parse parse --quiet --target-path target/parse
	$(BIN)/dbt-score lint --manifest target/parse/manifest.json --show failing-items

build: install
	$(BIN)/dbt --log-level-file none build --quiet --no-use-colors
	@echo "dbt build: all models, unit tests and data tests passed"

pytest: install
	$(BIN)/pytest

test-report: install  ## open the report in a browser; installs Chromium where apt can
	@command -v chromium > /dev/null || test -n "$$CHROMIUM" || { \
		command -v apt-get > /dev/null || { echo "CHROMIUM=path/to/chromium make test-report" >&2; exit 2; }; \
		$$(command -v sudo) apt-get update -qq && $$(command -v sudo) apt-get install -qq --no-install-recommends chromium; }
	$(BIN)/pytest -n 0 tests/browser

mf: install  ## ask the semantic layer: deal win rate by month and channel (docs/semantic.md); builds the demo first, if nothing is built
	@test -f pipeline_kpis.duckdb -a -f target/semantic_manifest.json -a -f target/run_results.json \
		|| $(BIN)/dbt build --quiet --no-use-colors --exclude-resource-type unit_test test
	$(BIN)/mf query --metrics deal_win_rate,won_deals --group-by metric_time__month,channel --order -metric_time__month --limit 20

v2: $(V2)/.installed  ## install dbt v2 for `kpis.py run --engine v2` (Linux on x86-64, with npm)

$(V2)/.installed: requirements-v2.txt
	@test "$$(uname -sm)" = "Linux x86_64" || { echo "dbt v2 is there for Linux on x86-64 only; dbt-core runs everywhere" >&2; exit 2; }
	@command -v npm > /dev/null || { echo "npm is needed to fetch the DuckDB library that dbt v2 loads" >&2; exit 2; }
	@test -x $(V2)/bin/python || $(PYTHON) -m venv $(V2)
	@$(V2)/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-v2.txt
	@rm -rf $(V2)/duckdb && mkdir $(V2)/duckdb
	@cd $(V2)/duckdb && npm pack --silent $(DUCKDB_LIBRARY) > /dev/null
	@echo "$(DUCKDB_LIBRARY_SHA512)  $$(ls $(V2)/duckdb/*.tgz)" | sha512sum --check --status \
		|| { echo "$(DUCKDB_LIBRARY) is not the file that was tested" >&2; exit 2; }
	@cd $(V2)/duckdb && tar -xzf *.tgz --strip-components=1 && rm ./*.tgz
	@touch $@

test-v2: install v2  ## build the demo company with dbt v2, unit tests and all, and compare it with what dbt-core built
	@mkdir -p target-v2 && rm -f target-v2/pipeline_kpis.duckdb*
	KPI_DATABASE=target-v2/pipeline_kpis.duckdb $(BIN)/python scripts/dbt_v2.py build --quiet --target-path target-v2
	$(BIN)/dbt build --quiet --no-use-colors --exclude-resource-type unit_test
	$(BIN)/python tests/engines/compare.py pipeline_kpis.duckdb target-v2/pipeline_kpis.duckdb

test-postgres: install $(POSTGRES)/.installed  ## build the demo company on PostgreSQL, unit tests and all, and compare every mart with DuckDB's
	@bash tests/engines/postgres.sh $(POSTGRES)/bin/python

$(POSTGRES)/.installed: requirements-postgres.txt $(INSTALLED)
	@test -x $(POSTGRES)/bin/python || $(BIN)/python -m venv $(POSTGRES)
	@$(BIN)/python -c $(SITE) > "$$($(POSTGRES)/bin/python -c $(SITE))/pipeline-kpis.pth"
	@$(POSTGRES)/bin/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements-postgres.txt
	@touch $@

test-spark: install $(SPARK)/.installed  ## build the demo company on Spark, with all unit and data tests, and compare every mart with DuckDB's
	@bash tests/engines/spark.sh $(SPARK)/bin/python

$(SPARK)/.installed: requirements-spark.txt $(INSTALLED)
	@test -x $(SPARK)/bin/python || $(BIN)/python -m venv $(SPARK)
	@$(BIN)/python -c $(SITE) > "$$($(SPARK)/bin/python -c $(SITE))/pipeline-kpis.pth"
	@echo "Installing Spark into $(SPARK) (once, a minute or two) ..."
	@$(SPARK)/bin/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements-spark.txt
	@touch $@

lock: install  ## rewrite requirements.txt after a change in pyproject.toml; what is pinned stays as it is
	$(BIN)/python -m pip install --quiet uv
	sed 1d requirements.txt > requirements.body
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
		--only-binary dbt-core-experimental-parser --custom-compile-command "make lock" \
		--extra dev pyproject.toml --output-file requirements.body
	printf -- '--only-binary dbt-core-experimental-parser\n' | cat - requirements.body > requirements.txt
	rm requirements.body

catalog: install  ## write what follows from the KPI cards: lists in kpi_cells and kpi_values_wide, docs/kpis.md, docs/requirements.md
	$(BIN)/python scripts/catalog.py

demo: install  ## write seeds/demo again from the demo company's script
	$(BIN)/python scripts/make_demo.py

benchmark: install $(BENCHMARK)/.installed  ## measure the build beside a bare script, MetricFlow and pandas (docs/benchmark.md)
	$(BIN)/python scripts/benchmark.py --with-pandas $(BENCHMARK)/bin/python

$(BENCHMARK)/.installed: requirements-benchmark.txt
	@test -x $(BENCHMARK)/bin/python || $(PYTHON) -m venv $(BENCHMARK)
	@$(BENCHMARK)/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-benchmark.txt
	@touch $@

clean:
	rm -rf target target-v2 logs dbt_packages dbt_internal_packages .pytest_cache .mypy_cache .ruff_cache pipeline_kpis.duckdb*
