"""Vendors' assurance and its gaps on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from rich.console import Console
from rich.table import Table
from rich.text import Text

from passmuster.model.assurance import VendorGaps
from passmuster.report.text import counted, one_line, shorten

_LONGEST = 200


def print_assurance(console: Console, found: Sequence[VendorGaps], *, as_of: date) -> None:
    """A heading and a table of gaps for each vendor."""
    for each in found:
        vendor = each.vendor
        real = sum(not gap.is_open_question for gap in each.gaps)
        told = f"{counted(real, 'gap')}, {counted(len(each.gaps) - real, 'open question')} on {as_of}"
        platforms = ", ".join(one_line(platform.id) for platform in vendor.platforms[:5])
        console.print(Text(f"{one_line(vendor.name)} ({vendor.file}), for {platforms}: {told}", style="bold"))
        if each.gaps:
            console.print(_gaps(each))


def _gaps(each: VendorGaps) -> Table:
    table = Table()
    for title in ("Severity", "Document"):
        table.add_column(title, no_wrap=True)
    table.add_column("Gap", overflow="fold")
    table.add_column("Day", no_wrap=True)
    for gap in each.gaps:
        text = shorten(gap.text, _LONGEST) + (f" ({one_line(gap.platform)})" if gap.platform else "")
        table.add_row(
            "to answer" if gap.is_open_question else str(gap.severity),
            Text(gap.document),
            Text(text),
            str(gap.due_on or ""),
        )
    return table
