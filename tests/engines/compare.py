"""Compare what two engines built, table by table and cell by cell.

    python tests/engines/compare.py EXPECTED FOUND [TABLE ...]

Each side is a DuckDB file or a folder of Parquet files, <schema>.<table>.parquet or, as Spark keeps them,
<schema>.db/<table>/*.parquet. All tables of marts are compared, or those that are named. Decimals, dates,
texts and flags are to be equal, doubles within 1e-9.
Exits with 1 where they differ.
"""

import sys
from pathlib import Path

import duckdb

MARTS = ("core", "kpis", "scorecard", "explain", "audit")


def tables_of(connection: duckdb.DuckDBPyConnection, side: str, path: Path) -> set[str]:
    """Make the tables of one side readable as <side>.<schema>.<table>. Returns their names."""
    if path.is_dir():
        connection.execute(f"attach ':memory:' as {side}")
        files = {(file.name.split(".")[0], file.name.split(".")[1]): file for file in path.glob("*.parquet")}
        for file in path.glob("*.db/*/*.parquet"):
            files[file.parent.parent.stem, file.parent.name] = file.with_name("*.parquet")
        for (schema, table), file in sorted(files.items()):
            if schema in MARTS:
                connection.execute(f"create schema if not exists {side}.{schema}")
                connection.execute(f"create view {side}.{schema}.{table} as from '{file}'")
    else:
        connection.execute(f"attach '{path}' as {side} (read_only)")
    kind = "view" if path.is_dir() else "table"  # views of a database know its name, and only that one
    found = connection.execute(
        f"select schema_name || '.' || {kind}_name from duckdb_{kind}s() where database_name = ?", [side]
    ).fetchall()
    return {str(name) for (name,) in found if str(name).split(".", maxsplit=1)[0] in MARTS}


def differences(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """What is not the same in a table, in words; nothing when it is."""
    columns = {}
    for side in ("expected", "found"):
        described = connection.execute(f"describe {side}.{table}").fetchall()
        columns[side] = {str(row[0]): str(row[1]) for row in described}
    if columns["expected"].keys() != columns["found"].keys():
        return [f"columns {sorted(columns['expected'].keys() ^ columns['found'].keys())}"]
    cells = ", ".join(
        f"round({name}, 9) as {name}" if kind in ("DOUBLE", "FLOAT") else f"cast({name} as {kind}) as {name}"
        for name, kind in columns["expected"].items()
    )
    wrong = []
    for side, other in (("expected", "found"), ("found", "expected")):
        rows = f"(select {cells} from {side}.{table} except all select {cells} from {other}.{table})"
        [(count,)] = connection.execute(f"select count(*) from {rows}").fetchall()
        if count:
            wrong.append(f"{count} rows only in {side}")
            wrong += [
                f"    {row}" for row in connection.execute(f"from {rows} order by all limit 3").fetchall()
            ]
    return wrong


def cells_of(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    """How many cells a table has: its rows times its columns."""
    [(count,)] = connection.execute(f"select count(*) from expected.{table}").fetchall()
    return int(count) * len(connection.execute(f"describe expected.{table}").fetchall())


def main(expected: str, found: str, *wanted: str) -> int:
    """Compare the two sides; say what differs. Returns the exit code."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        there = tables_of(connection, "expected", Path(expected).resolve())
        here = tables_of(connection, "found", Path(found).resolve())
        names = set(wanted) or there | here
        wrong = {name: ["is on one side only"] for name in names - (there & here)}
        cells = 0
        for name in sorted(names & there & here):
            if told := differences(connection, name):
                wrong[name] = told
            else:
                cells += cells_of(connection, name)
    for name, told in sorted(wrong.items()):
        print(f"{name}: {told[0]}", *told[1:], sep="\n")
    print(f"{len(names) - len(wrong)} of {len(names)} tables are the same, {cells:,} cells")
    return 1 if wrong or not names else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
