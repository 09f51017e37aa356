"""Writes the reference pages from the code and the packs; with --check, fails where a page is not up to date."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from catalogue_page import catalogue_page
from policy_page import policies_page
from review_events_page import review_events_page

from passmuster.application.access import KEEPER_MAY, access_rows
from passmuster.cli.command_line import command as root
from passmuster.collect.registry import all_connectors
from passmuster.controls.catalogue import shipped_packs
from passmuster.controls.load import load_pack
from passmuster.model.control import Control, Pack
from passmuster.model.keeping import DutyRole
from passmuster.pipeline.describing import connector_page
from passmuster.records.settings_told import settings_page
from passmuster.snapshot.columns import Column, Table
from passmuster.snapshot.derived_tables import COMPUTED, FROM_MANIFEST, INPUTS
from passmuster.snapshot.register_tables import REGISTERS
from passmuster.snapshot.tables import TABLES

HERE = Path(__file__).parent / "reference"
MADE = "<!-- Made by `make docs`; change the source, not this page. -->\n\n"


def tables_page() -> str:
    """The snapshot's tables."""
    lead = (
        "# The tables of a snapshot\n\nIds are the platform's own, unique within one platform and table. Times are UTC "
        '(`_at`); durations and sizes carry their unit. NULL means *not collected or not knowable*, never "no". '
        "Volatile columns never make drift.\n\n"
    )
    computed = "".join(
        f"`{name}` is computed from {', '.join(f'`{table}`' for table in tables)} and has the worst status of these; a "
        "feature that is not licensed counts as empty.\n\n"
        for name, tables in INPUTS.items()
    )
    return (
        MADE
        + lead
        + "## Collected\n\n"
        + "".join(map(_table, TABLES.values()))
        + "## From the manifest\n\n"
        + "".join(map(_table, FROM_MANIFEST.values()))
        + "## Computed when a snapshot is loaded\n\n"
        + computed
        + "".join(map(_table, COMPUTED.values()))
    )


def registers_page() -> str:
    """The registers."""
    lead = (
        "# Registers\n\nWhat people keep beside the snapshots: CSV files of these names in one folder, handed over "
        "with `--registers`. The first line names the columns; an empty cell is NULL; lists are JSON or separated by "
        "`;`; a bare date in `valid_until`, `expires_at` or `due_at` holds to the end of that day (UTC). The tables "
        "`assurance_documents` and `assurance_terms` are no CSV files: they are made from the vendors' files in the "
        "folder `assurance` (see `docs/howto/assurance.md`).\n\n"
    )
    return MADE + lead + "".join(map(_table, REGISTERS.values()))


def _table(table: Table) -> str:
    rows = [f"| `{c.name}` | {c.type} | {_values(c)} | {c.text} |\n" for c in table.columns]
    key = ", ".join(f"`{name}`" for name in table.key)
    return (
        f"### {table.name}\n\n{table.text} Key: {key}.\n\n| column | type | values | meaning |\n|---|---|---|---|\n"
        + "".join(rows)
        + "\n"
    )


def _values(column: Column) -> str:
    return " ".join([*(f"`{value}`" for value in column.values), *(["volatile"] if column.is_volatile else [])])


def pack_page(pack: Pack) -> str:
    """One pack: its controls and house limits."""
    limits = "".join(f"| `{name}` | {value} |\n" for name, value in pack.params.items())
    limits = f"## House limits\n\n| name | value |\n|---|---|\n{limits}\n" if limits else ""
    head = f"# {pack.title} {pack.version}\n\n{pack.description.strip()}\n\n"
    return MADE + head + limits + "## Controls\n\n" + "".join(_control(pack, control) for control in pack.controls)


def _control(pack: Pack, control: Control) -> str:
    tables = sorted({name for look in control.looks for name in look.needs})
    facts = [
        f"{control.severity}",
        f"{pack.domain_of(control.id)}",
        f"responsibility: {control.responsibility}",
        f"hosting: {control.hosting}",
        f"platforms: {', '.join(control.platforms) or 'any'}",
        f"reads: {', '.join(tables) or 'statements only'}"
        + ((" or" if control.statement_suffices else " and") + " statements" if control.must_attest and tables else ""),
    ]
    maps = "; ".join(f"{name}: {', '.join(ids)}" for name, ids in control.maps.items() if ids)
    text = f"### {control.id} {control.title}\n\n{' · '.join(facts)}\n\n{control.rationale}\n\n"
    text += f"*Remediation.* {control.remediation}\n\n"
    return text + (f"*Maps.* {maps}\n\n" if maps else "")


def cli_page() -> str:
    """The command line."""
    parts = [MADE, "# The command line\n\n"]
    context = click.Context(root, info_name="passmuster")
    parts.append(_help(root, context, "passmuster"))
    for name in root.list_commands(context):
        command = root.get_command(context, name)
        if command is None:
            continue
        inner = click.Context(command, info_name=name, parent=context)
        parts.append(_help(command, inner, f"passmuster {name}"))
        if isinstance(command, click.Group):
            for sub in command.list_commands(inner):
                nested = command.get_command(inner, sub)
                if nested is not None:
                    parts.append(
                        _help(nested, click.Context(nested, info_name=sub, parent=inner), f"passmuster {name} {sub}")
                    )
    parts.append(
        "## Exit codes\n\n0 done; 1 findings at or above `--fail-on`; 2 wrong usage or unreadable input; 3 done but "
        "incomplete (something could not be looked at, or the platform refused or failed: the snapshot says so table "
        "by table); 4 an internal fault; 129, 130, 143 stopped by a signal "
        "(the first Ctrl-C of `plan` prints the best plan so far, and is 0). Where several apply the first of "
        "4, 2, 1, 3 is given.\n"
    )
    return "".join(parts)


def access_page() -> str:
    """Who may do what."""
    roles = list(DutyRole)
    lead = (
        "# Who may do what\n\nA duty holds on one platform or everywhere. An auditor and a vendor's contact can have "
        "no other duty beside it. Nobody decides on what they asked for themselves: not on a deviation, not on a "
        "change. A token may do what its scopes say and its owner may. The schedule itself may: "
        + ", ".join(f"`{action}`" for action in sorted(KEEPER_MAY))
        + "; it decides nothing.\n\n"
    )
    head = "| action | " + " | ".join(role.replace("_", " ") for role in roles) + " |\n" + "|---" * (len(roles) + 1)
    rows = [
        f"| `{action}` | {' | '.join('yes' if cell else '' for cell in cells)} |\n" for action, cells in access_rows()
    ]
    return MADE + lead + head + "|\n" + "".join(rows)


def _help(command: click.Command, context: click.Context, title: str) -> str:
    context.max_content_width = 100
    context.terminal_width = 100
    return f"## {title}\n\n```text\n{command.get_help(context)}\n```\n\n"


def pages() -> dict[str, str]:
    """Every generated page by file name."""
    made = {"snapshot.md": tables_page(), "registers.md": registers_page(), "command-line.md": cli_page()}
    made["access.md"] = access_page()
    made["settings.md"] = MADE + settings_page()
    made["policies.md"] = MADE + policies_page()
    made["review-events.md"] = MADE + review_events_page()
    made["platforms.md"] = MADE + catalogue_page()
    for name, folder in shipped_packs().items():
        made[f"pack-{name}.md"] = pack_page(load_pack(folder, is_trusted=True))
    for kind in sorted(all_connectors()):
        made[f"connector-{kind}.md"] = MADE + connector_page(kind)
    return made


def main() -> int:
    """Write the pages, or check them."""
    is_check = "--check" in sys.argv
    stale = []
    for name, text in pages().items():
        path = HERE / name
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if not is_check:
            HERE.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if is_check and stale:
        print(f"not up to date: {', '.join(stale)}; run `make docs`")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
