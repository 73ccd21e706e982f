"""What --help teaches: what each command does, writes and returns, with examples to copy."""

_EXIT_CODES = """\b
Exit codes:
  0  fine
  1  a test or a check failed; nothing was published, exports/current is as it was
  2  could not run (a wrong option or mapping, a missing file, another run at work): one line says why"""

APP = """Build, test and publish the pipeline KPIs, from leads, deals and spend to a scorecard.

\b
The first time:
  kpis.py run                               the demo company, into exports/current
  kpis.py doctor --mapping mapping.yml      what a build would make of your files
  kpis.py run --mapping mapping.yml         your KPIs

Standard output is the answer, everything else goes to standard error. NO_COLOR=1 turns colours off; where
nobody watches there are none.
"""
APP_EPILOG = f"""{_EXIT_CODES}

\b
Read on: README.md, docs/mapping.md (your files), docs/cards.md (the scorecard), docs/report.md (the
report), docs/bi.md (BI tools)."""

RUN = """Build, test and publish to exports/current.

Builds into a private folder, runs every data test on it, and only then lets exports/current point to it, in
one step. A run that fails or is killed leaves exports/current as it was.

\b
Writes, under --out:
  current/   the last tested build: the database, every mart as Parquet and CSV, kpi_scorecard.xlsx,
             kpi_scorecard.json with its schema, report/index.html for a browser and docs/index.html,
             every model and column behind it (--no-report leaves both out), run.json with rows and
             checksums
  builds/    the last five of them
  failed/    builds that failed a test, to look into

\b
Examples:
  kpis.py run
  kpis.py run --mapping mapping.yml --as-of 2026-06-30
  kpis.py run --mapping mapping.yml --keep-rejects rejects    rows to mend, for your eyes only
  kpis.py run --json | jq .look_first_at
"""

EXPORT = """Write tables of a published build as files of their own.

The published folder has each table as Parquet and CSV already; this is for other formats and places. Prints
the paths.

\b
Examples:
  kpis.py export --format xlsx --table kpi_values --table focus_list
  kpis.py export --format csv --out /srv/share
"""

EXPLAIN = """Explain one number: its formula filled in, the records behind it, how sure it is.

Reads what run published; needs neither dbt nor your files. The records are found by the SQL that made the
number and are added up again: exit code 1 if they do not give the published value.

\b
PERIOD is 2025, 2025-Q4, 2025-11 or 2025-W07; a fiscal year has the number of the year it ends in.
SLICE=VALUE says of whom: rep, team, channel, campaign, segment or region. The whole company without it.

\b
Examples:
  kpis.py explain deal_win_rate 2025-Q4
  kpis.py explain won_revenue 2025-11 rep='Robin Vale' --limit 50
  kpis.py explain won_revenue 2025 --csv deals.csv          every record, for a spreadsheet
  kpis.py explain mrr 2025-12 --json | jq .drivers
"""

DIFF = """Compare two builds: which numbers moved, by how much, where, and which definitions changed.

\b
A and B are each
  current            what is published now (B, if it is left out)
  20260630T040000Z   a build under exports/builds
  a folder or file   that a run published, or any database with scorecard.kpi_values
  git:REVISION       built on the spot with the mapping and the as-of date of the other side: takes as long
                     as a run

What moved in the whole company comes first, the largest move on top. Exit code 1 only with --fail-on-change,
when a number moved, came or went.

\b
Examples:
  kpis.py diff 20260630T040000Z
  kpis.py diff git:main --fail-on-change
  kpis.py diff git:main --kpi deal_win_rate                 cell by cell
  kpis.py diff git:v1.0 git:v1.1 --mapping mapping.yml --markdown
"""

REPORT = """Write the report of a published build: pages that open from disk, on any device, index.html first.

A run has written it already, into exports/current/report; this is for other places and older builds. Prints
the path of the first page. An older report in the folder is replaced.

\b
Examples:
  kpis.py report
  kpis.py report --from exports/builds/20260105T060000Z --out /srv/www/kpis
"""

DOCTOR = """Examine the installation, or with --mapping the files that a mapping names. Changes nothing.

With a mapping it says which columns are mapped and which are not, which rows would be rejected and why, which
words the vocabulary does not know, and which money has no rate.

\b
Examples:
  kpis.py doctor
  kpis.py doctor --mapping mapping.yml
  kpis.py doctor --mapping mapping.yml --json | jq .findings
"""
EPILOG = _EXIT_CODES
