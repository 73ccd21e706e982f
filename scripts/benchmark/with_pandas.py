"""Three KPIs by month with pandas, by the same rules: with_pandas.py FOLDER AS_OF OUT.

They are leads_created, qualified_leads_strict and qualified_lead_share_strict; OUT is a CSV file.
"""

import sys
from pathlib import Path

import pandas as pd

COLUMNS = ["lead_id", "email", "created_at", "qualified_at", "disqualified_at", "converted_at", "lead_score"]
COLUMNS += ["estimated_value", "is_test", "loaded_at"]


def main(folder: str, as_of: str, out: str) -> None:
    """Read the leads, keep those that count, merge the people, count by month."""
    end = pd.Timestamp(as_of) + pd.Timedelta(days=1)
    leads = pd.read_parquet(Path(folder) / "leads.parquet", columns=COLUMNS)
    person = leads["email"].str.strip().str.lower()
    usable = leads["lead_id"].str.strip().ne("") & leads["created_at"].notna()
    for column in ("lead_score", "estimated_value"):
        text = leads[column].str.strip()
        usable &= text.isna() | text.eq("") | pd.to_numeric(text, errors="coerce").notna()
    is_test = leads["is_test"].fillna(value=False) | person.str.endswith("@own.example").fillna(value=False)
    leads = leads.assign(person=person)[usable & ~is_test]
    # Of several copies of a record, the one that was loaded last.
    leads = leads.sort_values("loaded_at", kind="stable").drop_duplicates("lead_id", keep="last")
    # One person is the earliest of several leads.
    leads = leads.sort_values(["created_at", "lead_id"])
    known = leads["person"].notna()
    is_first = ~known | ~leads.duplicated("person", keep="first")
    counted = leads[leads["created_at"] < end].copy()
    counted["qualified_at"] = counted["qualified_at"].where(counted["qualified_at"] < end)
    earliest = counted[counted["person"].notna()].groupby("person")["qualified_at"].min()
    people = counted[is_first.reindex(counted.index)].copy()
    people["qualified_at"] = people["person"].map(earliest).fillna(people["qualified_at"])

    created = people["created_at"].dt.to_period("M")
    by_created = people.groupby(created)
    share = by_created["qualified_at"].count() / by_created.size()
    found = {
        "leads_created": by_created.size(),
        "qualified_leads_strict": people.groupby(people["qualified_at"].dt.to_period("M")).size(),
        "qualified_lead_share_strict": share,
    }
    cells = [
        (kpi, month.start_time.date(), value)
        for kpi, values in found.items()
        for month, value in values.items()
    ]
    pd.DataFrame(cells, columns=["kpi", "period_start", "value"]).to_csv(out, index=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
