"""The command line: finds the command, maps errors to messages and exit codes."""

from __future__ import annotations

import importlib
import os
import sys
import time
import traceback

import click

import passmuster
from passmuster.cli.streams import Stopped, guard_streams
from passmuster.errors import PassmusterError
from passmuster.report.text import clean

_COMMANDS = {
    "review": ("passmuster.cli.review", "Collect, evaluate, compare and report in one go"),
    "collect": ("passmuster.cli.collect", "Read one platform, or an export of one, into a snapshot"),
    "template": ("passmuster.cli.template", "Write the workbook in which an owner declares a platform"),
    "evaluate": ("passmuster.cli.evaluate", "Judge a snapshot by control packs"),
    "drift": ("passmuster.cli.drift", "What changed between two snapshots"),
    "patches": ("passmuster.cli.patches", "Triage, plan, calendar and report in one go"),
    "intel": ("passmuster.cli.intel", "Take in advisories, feeds and vendors' notices; show what was known when"),
    "affected": ("passmuster.cli.affected", "Which advisories concern a component, and who must patch it"),
    "triage": ("passmuster.cli.triage", "Decide what to do about advisories, by when and by whom"),
    "policies": ("passmuster.cli.policies", "List, show and verify the policies that decide deadlines"),
    "plan-problem": ("passmuster.cli.plan_problem", "Build a patch plan's problem from decisions and a calendar"),
    "plan": ("passmuster.cli.plan", "Fit patches into maintenance windows, with a proof of how good the plan is"),
    "calendar": ("passmuster.cli.calendar", "Push a plan into a CalDAV calendar"),
    "packs": ("passmuster.cli.packs", "List, verify and start control packs"),
    "registers": ("passmuster.cli.registers", "Start and feed the registers that people keep beside snapshots"),
    "assurance": ("passmuster.cli.assurance", "What vendors gave us about their own security, and its gaps"),
    "access": ("passmuster.cli.access", "Certify who has access: freeze, ask reviewers, take answers in, verify"),
    "baseline": ("passmuster.cli.baseline", "Approve a snapshot as the baseline"),
    "connectors": ("passmuster.cli.connectors", "What can be collected, and which permissions it needs"),
    "audit": ("passmuster.cli.audit", "Verify, sign and export the record of everything that was done"),
    "evidence": ("passmuster.cli.evidence", "Hand evidence on as a signed bundle, and verify one"),
    "serve": ("passmuster.cli.serve", "Serve the keeper's pages and API"),
    "people": ("passmuster.cli.people", "Let people into the keeper and out of it"),
    "worker": ("passmuster.cli.worker", "Do the keeper's work in the background"),
    "db": ("passmuster.cli.db", "Set up, check, back up and restore the keeper's database"),
    "demo": ("passmuster.cli.demo", "Run the main job on the examples that ship"),
}


class _LazyGroup(click.Group):
    """Imports a command only when it is called, so that the command line starts fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command = importlib.import_module(_COMMANDS[cmd_name][0]).command
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(passmuster.__version__, prog_name="passmuster")
def command() -> None:
    """Posture reviews, and the patch schedule, of no-code platforms that somebody else hosts.

    Start with `passmuster review KIND --url URL --out DIR` (see `passmuster connectors` for the kinds), or with
    `passmuster intel import PATH --store DIR`.
    """


def run() -> int:
    """Run the command line; returns its exit code."""
    guard_streams()
    try:
        # A limit of time is what the user waits, so it counts from before the command is imported.
        result = command.main(standalone_mode=False, obj=time.monotonic())
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.ClickException as error:
        error.show()
        return 2
    except click.Abort:
        raise KeyboardInterrupt from None
    except Stopped as stopped:
        click.echo("stopped; nothing half-written was left", err=True)
        return 128 + stopped.number
    except PassmusterError as error:
        click.echo(f"passmuster: {clean(str(error))}", err=True)
        return error.exit_code
    except Exception as error:  # the last net: no traceback ever reaches a user
        _tell_fault(error)
        return 4


def _tell_fault(error: Exception) -> None:
    click.echo(f"passmuster: internal fault: {type(error).__name__}: {clean(str(error))}", err=True)
    if os.environ.get("PASSMUSTER_DEBUG"):
        traceback.print_exc()
        return
    click.echo("Please report it with the output of PASSMUSTER_DEBUG=1; nothing half-written was left.", err=True)
