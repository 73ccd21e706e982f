"""A published database by script: as many reps, periods and KPIs as a test of the report asks for.

Only the tables that the report must have; columns as the marts have them, values made up by a formula. The
first KPI is the deal win rate.
"""

import datetime as dt
import json
from pathlib import Path

import duckdb

AS_OF = dt.date(2025, 12, 31)
HOSTILE = [
    "<script>alert(1)</script>",
    '=HYPERLINK("https://x.example","y")',
    "\u202egnirts desrever",
    "x" * 200,
    "😀 & \"quotes\" 'n' <b>bold</b>",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    "</svg><img src=x onerror=alert(1)>",
]
_VALUES = """
create schema scorecard; create schema explain; create schema audit;

create table scorecard.kpi_values as
with

periods as (
    select
        cast(date '2026-01-01' - to_months(number + 1) as date) as period_start,
        cast(date '2026-01-01' - to_months(number) as date) as period_end,
        number
    from range($months) as numbers (number)
),

members as (
    select 'all' as slice, 'all' as slice_value, 0 as place
    union all
    select 'rep', coalesce(names.name, 'Rep ' || place), place
    from range(1, $reps + 1) as places (place)
    left join (select unnest($names) as name, generate_subscripts($names, 1) as place) as names using (place)
)

select
    date '2025-12-31' as as_of_date,
    'kpi_' || lpad(kpi::varchar, 3, '0') as kpi,
    case kpi % 3 when 0 then 'rate' when 1 then 'sum' else 'count' end as kind,
    'month' as period_grain,
    period_start,
    period_end,
    slice,
    slice_value,
    case kpi % 3
        when 0 then 0.5 + 0.3 * sin(kpi + number + place)
        else 100 + (kpi * 7 + number * 13 + place) % 50
    end::decimal(28, 6) as value,
    (20 + (kpi + number + place) % 30)::bigint as n,
    case kpi % 3 when 0 then 0.3 + 0.3 * sin(kpi + number + place) end::decimal(28, 6) as ci_low,
    case kpi % 3 when 0 then 0.7 + 0.3 * sin(kpi + number + place) end::decimal(28, 6) as ci_high,
    true as is_complete_period,
    true as is_mature
from range($kpis) as numbers (kpi)
cross join periods
cross join members;

create table scorecard.kpi_signals as
select
    as_of_date, kpi, period_grain, period_start, slice, slice_value, value,
    100 as center, 80 as lower_limit, 140 as upper_limit,
    case extract(month from period_start) when 6 then 'concern' when 8 then 'improvement' end as verdict
from scorecard.kpi_values
where slice = 'all' and kind != 'rate';

create table scorecard.kpi_scorecard as
select
    *,
    $label || kpi[5:] as label,
    'conversion' as family,
    'What is measured' as measure_text,
    'one / the other' as formula_text,
    case kind when 'rate' then 'rate' when 'sum' then 'money' else 'count' end as unit,
    'higher' as direction,
    'monthly' as frequency,
    'sales' as owner,
    null as companions,
    case kind when 'rate' then 0.5 else 120 end::decimal(28, 6) as target,
    value / (case kind when 'rate' then 0.5 else 120 end) as attainment,
    0.05 as change_on_last_year,
    case when kind = 'rate' then 'undecided: holds the target' else 'x % of the target' end as status_reason,
    ['green', 'amber', 'red', 'grey'][kpi[5:]::integer % 4 + 1] as status,
    'none' as signal,
    case kpi[5:]::integer % 5 when 0 then 'concern' end as signal_verdict,
    100 as center,
    period_start = date '2025-12-01' as is_latest
from scorecard.kpi_values
where kpi[5:]::integer < 40;

create table scorecard.executive_summary as
select kpi, row_number() over (order by kpi) as position
from (select distinct kpi from scorecard.kpi_scorecard);

create table scorecard.rep_report_card as
select
    as_of_date, slice_value as rep, kpi, label, family, unit, direction, period_grain, period_start,

    value, n, ci_low, ci_high, value as company_value, 1 as standing_rank,
    5 as ranked_members, target, attainment, status,
    status_reason, signal_verdict, is_latest
from scorecard.kpi_scorecard
where slice = 'rep';

create table scorecard.team_report_card as
select 'Team of ' || rep as team, * exclude (rep)
from scorecard.rep_report_card
where rep in (select min(rep) from scorecard.rep_report_card);

create table explain.pipeline_outlook as
select
    date '2025-12-31' as origin_date, slice, slice_value, open_deals, pipeline_amount, weighted_amount,
    weighted_sd, weighted_in_time_amount, 2 * weighted_amount as vocabulary_weighted_amount, true as is_latest
from (values
    ('all', 'all', 3, 100000.0, 40000.0, 34641.0, 32000.0),
    ('stage', $label || 'Proposal', 2, 40000.0, 10000.0, 17320.0, 8000.0),
    ('stage', '(none)', 1, 60000.0, 30000.0, 30000.0, 24000.0)
) as members (
    slice, slice_value, open_deals, pipeline_amount, weighted_amount, weighted_sd, weighted_in_time_amount
);

create table scorecard.focus_list as
select *, row_number() over (order by kpi, slice, slice_value) as position
from scorecard.kpi_scorecard
where is_latest
limit 40;

create table scorecard.source_health as
select
    as_of_date, entity, check_name, '(rows)' as column_name, 0.99 as score, status, reason, 100 as row_count
from (values
    (date '2025-12-31', $label || 'leads', 'presence', 'green', 'rows: 100'),
    (date '2025-12-31', 'deals', 'validity', 'amber', '95 of 100 rows could be used'),
    (date '2025-12-31', 'spend', 'presence', 'grey', 'absent')
) as checks (as_of_date, entity, check_name, status, reason);

update scorecard.kpi_values set kpi = 'deal_win_rate' where kpi = 'kpi_000';
update scorecard.kpi_signals set kpi = 'deal_win_rate' where kpi = 'kpi_000';
update scorecard.kpi_scorecard set kpi = 'deal_win_rate' where kpi = 'kpi_000';
update scorecard.executive_summary set kpi = 'deal_win_rate' where kpi = 'kpi_000';
update scorecard.rep_report_card set kpi = 'deal_win_rate' where kpi = 'kpi_000';
update scorecard.team_report_card set kpi = 'deal_win_rate' where kpi = 'kpi_000';
update scorecard.focus_list set kpi = 'deal_win_rate' where kpi = 'kpi_000';

insert into scorecard.kpi_values
select * replace ('quarter' as period_grain, date '2025-10-01' as period_start)
from scorecard.kpi_values
where kpi = 'deal_win_rate' and period_start = date '2025-12-01';

create table audit.row_accounting as
select 'leads' as entity, 100 as raw_rows, 97 as staged_rows, 3 as rejected_rows, 0 as merged_rows;
"""


def write_published(
    folder: Path,
    *,
    reps: int = 3,
    months: int = 14,
    kpis: int = 6,
    names: list[str] | None = None,
    label: str = "KPI ",
) -> Path:
    """Write a published folder: database and definitions. Returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    values = {"reps": reps, "months": months, "kpis": kpis, "names": names or [""][:0], "label": label}
    with duckdb.connect(str(folder / "pipeline_kpis.duckdb")) as connection:
        for statement in _VALUES.split(";\n"):
            if statement.strip():
                used = {name: value for name, value in values.items() if f"${name}" in statement}
                connection.execute(statement, used)
    cards = [
        {
            "kpi": f"kpi_{number:03}" if number else "deal_win_rate",
            "label": f"{label}{number:03}",
            "family": "conversion",
            "measure": "What is measured",
            "formula": "one / the other",
            "unit": ("rate", "money", "count")[number % 3],
            "direction": "higher",
            "frequency": "monthly",
            "owner": "sales",
            "companions": "deal_win_rate",
            "is_activity_volume": False,
        }
        for number in range(kpis)
    ]
    confusions = [{"word": "rate", "kpi": "deal_win_rate", "told_apart_by": f"of {label}closed"}]
    definitions = {
        "version": 1,
        "vars": {"reporting_currency": "EUR"},
        "cards": cards,
        "confusions": confusions,
    }
    (folder / "definitions.json").write_text(json.dumps(definitions), encoding="utf-8")
    return folder
