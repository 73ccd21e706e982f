"""What differs between two published builds, in one line: how many KPI values changed, came or went."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from runner.project import DATABASE

_KEY = ("kpi", "period_grain", "period_start", "slice", "slice_value")


@dataclass(frozen=True)
class Changes:
    """How many KPI values of a build differ from those of the one before, are new, or are gone."""

    since: str
    values: int
    changed: int
    added: int
    gone: int

    @property
    def words(self) -> str:
        """The changes for people."""
        if not self.changed + self.added + self.gone:
            return f"nothing since build {self.since}: the same {self.values:,} KPI values"
        return (
            f"{self.changed:,} of {self.values:,} KPI values since build {self.since}, "
            f"{self.added:,} are new, {self.gone:,} are gone"
        )


def changes_since(previous: Path, folder: Path) -> Changes | None:
    """Compare the KPI values of two published folders; None when the earlier one cannot be read any more."""
    if not (previous / DATABASE).is_file():
        return None
    with duckdb.connect() as connection:
        try:
            for name, path in (("old", previous), ("new", folder)):
                database = str(path / DATABASE).replace("'", "''")
                connection.execute(f"attach '{database}' as {name} (read_only)")
            [(values, changed, added, gone)] = connection.execute(
                f"""
                select
                    count(new.kpi),
                    count(*) filter (
                        where new.kpi is not null and old.kpi is not null
                        and new.value is distinct from old.value
                    ),
                    count(*) filter (where old.kpi is null),
                    count(*) filter (where new.kpi is null)
                from new.scorecard.kpi_values as new
                full join old.scorecard.kpi_values as old using ({", ".join(_KEY)})
                """
            ).fetchall()
        except duckdb.Error:
            return None
    return Changes(previous.name, values, changed, added, gone)
