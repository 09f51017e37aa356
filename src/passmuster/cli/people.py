"""`passmuster people`."""

from __future__ import annotations

from pathlib import Path

import click

from passmuster.cli.keeping import at_this_machine, open_keeper
from passmuster.cli.options import FOLDER
from passmuster.model.keeping import DutyRole


@click.group("people")
def command() -> None:
    """Let people in and out: whoever may run this on the keeper's host is an administrator."""


@command.command("add")
@click.argument("email")
@click.option("--name", required=True, help="What people call them.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice([str(role) for role in DutyRole]),
    help="Their duty.",
)
@click.option("--platform", "slug", metavar="SLUG", help="Only on this platform instead of everywhere.")
@click.option("--vendor", metavar="NAME", help="Of a vendor's contact: the vendor.")
def add(email: str, name: str, roles: tuple[str, ...], slug: str | None, vendor: str | None) -> None:
    """Add somebody, and print the one-time address where they set a password."""
    open_keeper()
    from passmuster.application.people import finding_people, people, signing_in  # noqa: PLC0415 - needs Django

    actor = at_this_machine()
    duties = finding_people.named_duties(roles, slug)
    person = people.add_person(
        actor, email=email, name=name, duties=duties, vendor=finding_people.vendor_named(vendor), why="by command"
    )
    link = signing_in.sign_in_link(actor, person, why="by command")
    click.echo(f"{person.email} is {', '.join(people.told_duties(person))}; they set a password, once, at", err=True)
    click.echo(link)


@command.command("link")
@click.argument("email")
def link(email: str) -> None:
    """Print a one-time address where somebody sets a new password; it ends after three days."""
    open_keeper()
    from passmuster.application.people import finding_people, signing_in  # noqa: PLC0415 - needs Django

    click.echo(signing_in.sign_in_link(at_this_machine(), finding_people.person_named(email), why="by command"))


@command.command("deactivate")
@click.argument("email")
@click.option("--why", required=True, help="The reason, for the record.")
def deactivate(email: str, why: str) -> None:
    """Shut somebody out at once: sessions, password and tokens end."""
    open_keeper()
    from passmuster.application.people import finding_people, people  # noqa: PLC0415 - needs Django

    people.deactivate_person(at_this_machine(), finding_people.person_named(email), why=why)
    click.echo(f"{email} is shut out", err=True)


@command.command("import")
@click.argument("path", type=FOLDER)
def take_in(path: Path) -> None:
    """Add people and their duties from a CSV or XLSX file: email, name, role, platform, vendor."""
    open_keeper()
    from passmuster.application.people.people_in_bulk import import_people  # noqa: PLC0415 - needs Django

    added, changed = import_people(at_this_machine(), path, why=f"imported from {path.name}")
    click.echo(f"{added} added, {changed} were there and have exactly these duties now", err=True)


@command.command("list")
def tell() -> None:
    """Who is there, with duties; tells who has a password and no second factor."""
    open_keeper()
    from passmuster.application.people.finding_people import people_lines  # noqa: PLC0415 - needs Django

    for line in people_lines():
        click.echo(line)
