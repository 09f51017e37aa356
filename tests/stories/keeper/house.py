"""The house of a story: people with duties, a platform that can be looked at, all of it set up by use cases."""

from __future__ import annotations

import base64
import secrets
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from allauth.mfa.totp.internal.auth import TOTP

from passmuster.application.access import Actor
from passmuster.application.acting import actor_of
from passmuster.application.people.duties import Held
from passmuster.application.people.people import add_person
from passmuster.application.people.signing_in import set_own_password
from passmuster.application.programme.platforms import Basics, Running, add_platform
from passmuster.controls.catalogue import shipped_folder
from passmuster.model.keeping import DutyRole, Tier
from passmuster.records.models import Person, Platform, Vendor
from tests.stories.keeper.clock import Clock
from tests.stories.keeper.people import Somebody
from tests.stories.keeper.serving import work


@dataclass
class House:
    """What stands outside the keeper (people, exports of platforms), and the way to make more of it."""

    clock: Clock
    home: Path
    outside: Path
    people: dict[str, Somebody] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Somebody:
        return self.people[name]

    def administrator(self) -> Actor:
        """Whoever may run commands on this machine."""
        duties = frozenset({(DutyRole.ADMINISTRATOR, None)})
        return Actor("command line", "command", self.clock.now(), duties=duties)

    def person(
        self, name: str, *roles: str, platform: Platform | None = None, vendor: Vendor | None = None
    ) -> Somebody:
        """Somebody with these duties (there, or everywhere) who has set a password and an authenticator app up."""
        email = f"{name}@example.org"
        held = [Held(DutyRole(role), platform.pk if platform else None) for role in roles]
        kept = add_person(self.administrator(), email=email, name=name.title(), duties=held, vendor=vendor)
        one = Somebody(
            name=name.title(),
            email=email,
            password=f"correct horse of {name}",
            app_secret=base64.b32encode(secrets.token_bytes(20)).decode(),
        )
        set_own_password(actor_of(kept, by="page", now=self.clock.now()), kept, one.password)
        TOTP.activate(kept, one.app_secret)
        self.people[name] = one
        return one

    def export(self, name: str, example: str) -> Path:
        """The folder a platform's export is read from, with that example in it; again: as it looks from now on."""
        folder = self.outside / name
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(shipped_folder("examples") / example, folder)
        return folder

    def platform(self, name: str, *, example: str = "n8n", tier: Tier = Tier.HIGH, kind: str = "n8n") -> Platform:
        """A platform that is read from an export; no look was taken yet."""
        slug = name.lower().replace(" ", "-")
        export = self.export(slug, example)
        declared = export / "declared.yaml"
        basics = Basics(
            name=name,
            kind=kind,
            platform_id=f"{kind}:{slug}",
            export_path=str(export),
            declared_path=str(declared) if declared.is_file() else "",
            tier=tier,
        )
        # Looked at once a month, so that a story of quarters does not drown in looks.
        return add_platform(self.administrator(), slug, basics, Running(collect_every_hours=744))

    def work(self) -> None:
        """A worker comes by and does all that is due."""
        work(self.clock.now)

    def kept(self, who: str) -> Person:
        """The person's row; for setting things up, not for what a story asserts."""
        return Person.objects.get(email=self.people[who].email)
