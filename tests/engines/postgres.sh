#!/usr/bin/env bash
# Build the demo company on a PostgreSQL of its own, in a folder that is thrown away, and compare what it publishes with
# what DuckDB built. A server is installed from the distribution's packages if there is none and we may.
set -euo pipefail
cd "$(dirname "$0")/../.."

server=$(ls -d /usr/lib/postgresql/*/bin 2> /dev/null | sort -V | tail -n 1 || true)
if [ -z "$server" ] && [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql > /dev/null
    server=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
fi
[ -n "$server" ] || { echo "PostgreSQL's server is needed: install the package postgresql" >&2; exit 2; }

folder=$(mktemp -d)
as_server() { "$@"; }
if [ "$(id -u)" = 0 ]; then # the server refuses to be root
    chown postgres "$folder"
    as_server() { runuser -u postgres -- "$@"; }
fi
trap 'as_server "$server/pg_ctl" -D "$folder/data" -m immediate stop > /dev/null 2>&1 || true; rm -rf "$folder"' EXIT

export KPI_PG_HOST=127.0.0.1 KPI_PG_USER=postgres KPI_PG_DATABASE=postgres
KPI_PG_PORT=$(python -c "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])")
export KPI_PG_PORT
as_server "$server/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 > /dev/null
as_server "$server/pg_ctl" -D "$folder/data" -l "$folder/data/log" -w start \
    -o "-p $KPI_PG_PORT -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder -c fsync=off" > /dev/null

dbt build --target postgres --quiet --no-use-colors --exclude-resource-type unit_test --target-path "$folder.target"
rm -rf "$folder.target"
dbt build --quiet --no-use-colors --exclude-resource-type unit_test
python tests/engines/copy_postgres.py pipeline_kpis.duckdb "$folder.duckdb"
python tests/engines/compare.py pipeline_kpis.duckdb "$folder.duckdb" scorecard.kpi_values scorecard.kpi_scorecard
rm -f "$folder.duckdb"
