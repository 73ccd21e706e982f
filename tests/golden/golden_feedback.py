"""The golden numbers of the purchase experience, worked from the raw files.

    python tests/golden/golden_feedback.py            # print
    python tests/golden/golden_feedback.py --write    # write golden_feedback_numbers.csv

The mean score of the answers about the way to a purchase, by the last day of their survey wave; an answer
belongs to the rep of its deal.
"""

import csv
import io
from decimal import Decimal
from pathlib import Path

from golden_journey import read_entity, wave_end
from independent import (
    COLUMNS,
    NONE,
    QUARTER,
    TO_DATE,
    YEAR,
    Data,
    Period,
    cents,
    number_of,
    print_or_write,
    text_of,
)

GOLDEN = Path(__file__).resolve().parent / "golden_feedback_numbers.csv"
REP = "Noor Linden"


def golden_row(data: Data, period: Period, rep: str | None) -> list[str]:
    reps = {deal.deal_id: deal.rep for deal in data.deals}
    scores = [
        score
        for row in read_entity("survey_responses")
        if text_of(row["question"]).lower() == "purchase_experience"
        and period.has(wave_end(text_of(row["survey_wave"])))
        and (score := number_of(row["score"])) is not None
        and (rep is None or (reps.get(text_of(row["deal_id"])) or NONE) == rep)
    ]
    total = sum(scores, Decimal())
    figures = [f"{cents(figure):f}" for figure in (total, Decimal(len(scores)), total / len(scores))]
    cut = ["all", "all"] if rep is None else ["rep", rep]
    return ["purchase_experience", period.grain, str(period.start), *cut, *figures, str(len(scores))]


def golden_text() -> str:
    """Return the golden numbers as the text of a CSV file."""
    data, out = Data(), io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for period, rep in ((QUARTER, None), (YEAR, None), (TO_DATE, None), (YEAR, REP)):
        writer.writerow(golden_row(data, period, rep))
    return out.getvalue()


if __name__ == "__main__":
    print_or_write(golden_text(), GOLDEN)
