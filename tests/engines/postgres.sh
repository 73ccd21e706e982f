#!/usr/bin/env bash
# Build the demo company on a PostgreSQL of its own, in a folder that is thrown away, with all unit tests and data tests, and
# compare every mart with what DuckDB builds. A server is installed from the distribution's packages where there is none.
#
#     bash tests/engines/postgres.sh PYTHON    # one that has dbt-postgres
set -euo pipefail
cd "$(dirname "$0")/../.."
python=$1
source tests/engines/build_both.sh

newest_server() { ls -d /usr/lib/postgresql/*/bin 2> /dev/null | sort -V | tail -n 1; }
server=$(newest_server || true)
if [ -z "$server" ] && command -v initdb > /dev/null; then server=$(dirname "$(command -v initdb)"); fi
if [ -z "$server" ] && command -v apt-get > /dev/null; then
    $(command -v sudo) apt-get update -qq
    $(command -v sudo) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql > /dev/null
    server=$(newest_server)
fi
[ -n "$server" ] || { echo "PostgreSQL's server is needed: install the package postgresql" >&2; exit 2; }

folder=$(mktemp -d) work=$(mktemp -d)
as_server() { "$@"; }
if [ "$(id -u)" = 0 ]; then # the server refuses to be root
    chown postgres "$folder"
    as_server() { runuser -u postgres -- "$@"; }
fi
trap 'as_server "$server/pg_ctl" -D "$folder/data" -m immediate stop > /dev/null 2>&1 || true; rm -rf "$folder" "$work"' EXIT

export KPI_PG_HOST=127.0.0.1 KPI_PG_USER=postgres KPI_PG_DATABASE=postgres KPI_DATABASE="$work/pipeline_kpis.duckdb"
KPI_PG_PORT=$("$python" -c "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])")
export KPI_PG_PORT
as_server "$server/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 > /dev/null
as_server "$server/pg_ctl" -D "$folder/data" -l "$folder/data/log" -w start \
    -o "-p $KPI_PG_PORT -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder -c fsync=off" > /dev/null

build_both postgres PostgreSQL
"$python" tests/engines/copy_postgres.py "$KPI_DATABASE" "$work/postgres.duckdb"
"$python" tests/engines/compare.py "$KPI_DATABASE" "$work/postgres.duckdb"
