#!/usr/bin/env bash
# Build the demo company on a Spark inside the process of dbt, in a folder that is thrown away, with all unit tests and data
# tests, and compare every mart with what DuckDB builds. Java is installed from the distribution's packages where there is none.
#
#     bash tests/engines/spark.sh PYTHON    # one that has dbt-spark and PySpark
set -euo pipefail
cd "$(dirname "$0")/../.."
python=$1
source tests/engines/build_both.sh

if [ -z "${JAVA_HOME:-}" ] && ! command -v java > /dev/null && command -v apt-get > /dev/null; then
    $(command -v sudo) apt-get update -qq
    $(command -v sudo) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends openjdk-17-jre-headless > /dev/null
fi
[ -n "${JAVA_HOME:-}" ] || command -v java > /dev/null || { echo "Java 17 is needed: install it, or set JAVA_HOME" >&2; exit 2; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export KPI_SPARK_WAREHOUSE="$work/warehouse" KPI_DATABASE="$work/pipeline_kpis.duckdb"
export SPARK_LOCAL_DIRS="$work" SPARK_LOCAL_IP=127.0.0.1 PYSPARK_PYTHON="$python"
# Failing rows would be kept in that folder, a table for every test, for nobody.
export KPI_STORE_FAILURES=false

build_both spark Spark
"$python" tests/engines/compare.py "$KPI_DATABASE" "$KPI_SPARK_WAREHOUSE"
