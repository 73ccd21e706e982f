"""The report: a published build as pages that people read, without a server, a network or a script."""

from runner.report.pages import replace_report, write_report

__all__ = ["replace_report", "write_report"]
