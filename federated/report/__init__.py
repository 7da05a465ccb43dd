"""Results for people: charts, a terminal table and a report in one file."""

from federated.report.html import render_report, write_report
from federated.report.table import print_result, result_tables, sites_table

__all__ = ["print_result", "render_report", "result_tables", "sites_table", "write_report"]
