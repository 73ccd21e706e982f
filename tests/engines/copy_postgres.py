"""Copy the marts that a PostgreSQL holds into a DuckDB file, so that compare.py can read them.

    python tests/engines/copy_postgres.py EXPECTED.duckdb OUT.duckdb

The types are those of EXPECTED; the server is that of the profile's environment variables (KPI_PG_HOST ...).
"""

import os
import sys
import tempfile
from pathlib import Path

import duckdb
import psycopg2

MARTS = ("core", "kpis", "scorecard", "explain", "audit")


def main(expected: str, out: str) -> int:
    """Copy every mart. Returns the exit code."""
    Path(out).unlink(missing_ok=True)
    server = psycopg2.connect(
        host=os.environ["KPI_PG_HOST"],
        port=os.environ["KPI_PG_PORT"],
        user=os.environ["KPI_PG_USER"],
        password=os.environ.get("KPI_PG_PASSWORD", ""),
        dbname=os.environ["KPI_PG_DATABASE"],
    )
    with (
        server,
        server.cursor() as cursor,
        duckdb.connect(out) as connection,
        tempfile.TemporaryDirectory() as folder,
    ):
        cursor.execute(
            "select table_schema, table_name from information_schema.tables "
            "where table_schema = any(%s) and table_type = 'BASE TABLE' order by 1, 2",
            (list(MARTS),),
        )
        connection.execute(f"attach '{Path(expected).resolve()}' as expected (read_only)")
        for schema, table in cursor.fetchall():
            file = Path(folder) / f"{table}.csv"
            with file.open("w", encoding="utf-8") as text:
                cursor.copy_expert(
                    f'copy (select * from "{schema}"."{table}") to stdout (format csv, header, null \'\\N\')',
                    text,
                )
            known = connection.execute(
                "select column_name, data_type from duckdb_columns() "
                "where database_name = 'expected' and schema_name = ? and table_name = ?",
                [schema, table],
            ).fetchall()
            cells = ", ".join(f'cast("{name}" as {kind}) as "{name}"' for name, kind in known) or "*"
            connection.execute(f"create schema if not exists {schema}")
            connection.execute(
                f'create table {schema}."{table}" as select {cells} from read_csv('
                f"'{file}', all_varchar = true, header = true, nullstr = '\\N', quote = '\"', escape = '\"', "
                "delim = ',')"
            )
    server.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
