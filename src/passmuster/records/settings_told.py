"""The keeper's settings as people read them: every variable of the environment, what it is for, and where it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Setting:
    """One variable; `default` is what holds without it."""

    name: str
    default: str
    meaning: str


SETTINGS: tuple[tuple[str, tuple[Setting, ...]], ...] = (
    (
        "Where it lives",
        (
            Setting(
                "PASSMUSTER_HOME",
                "`$XDG_DATA_HOME/passmuster`, else `~/.local/share/passmuster`",
                "The keeper's folder: the embedded database, snapshots, evidence, sealed reviews, its own secrets, and "
                "`policies/` with the house's own.",
            ),
            Setting(
                "PASSMUSTER_DATABASE_URL",
                "the embedded PostgreSQL",
                "A PostgreSQL server, 15 or newer: `postgresql://user:password@host:5432/name`.",
            ),
        ),
    ),
    (
        "Pages",
        (
            Setting(
                "PASSMUSTER_BASE_URL",
                "`http://127.0.0.1:8460`",
                "The address people use; links in messages begin with it. With https cookies are sent over it alone.",
            ),
            Setting(
                "PASSMUSTER_TRUSTED_PROXIES",
                "0",
                "How many proxies before the keeper add to `X-Forwarded-For`, from 0 to 9.",
            ),
        ),
    ),
    (
        "Single sign-on",
        (
            Setting("PASSMUSTER_OIDC_ISSUER", "none", "The provider's address; the others count only with it."),
            Setting("PASSMUSTER_OIDC_CLIENT_ID", "must be given", "The client registered there."),
            Setting("PASSMUSTER_OIDC_CLIENT_SECRET", "must be given", "Its secret."),
            Setting("PASSMUSTER_OIDC_CLIENT_SECRET_FILE", "none", "A file that holds the secret instead."),
            Setting("PASSMUSTER_OIDC_NAME", "`single sign-on`", "What the button says."),
            Setting("PASSMUSTER_OIDC_SCOPES", "`openid profile email`", "The scopes to ask for."),
            Setting("PASSMUSTER_OIDC_GROUPS_CLAIM", "`groups`", "Where the provider tells groups."),
            Setting(
                "PASSMUSTER_GROUP_DUTY_DAYS",
                "30",
                "Days after its owner's last sign-in for which a token may use what groups gave, from 1 to 366.",
            ),
            Setting(
                "PASSMUSTER_OIDC_TRUST_EMAIL",
                "no",
                "`yes` where the provider never says that it verified an address, and only you give them out.",
            ),
        ),
    ),
    (
        "Files in object storage",
        (
            Setting(
                "PASSMUSTER_FILES",
                "`files` and `reviews` in the keeper's folder",
                "The bucket for evidence and sealed reviews: `s3://bucket/prefix`.",
            ),
            Setting(
                "PASSMUSTER_FILES_CACHE_MB", "1024", "How much of them is kept in the keeper's folder as well, MiB."
            ),
            Setting("AWS_ACCESS_KEY_ID", "must be given with a bucket", "The key to the store."),
            Setting("AWS_SECRET_ACCESS_KEY", "must be given with a bucket", "Its secret."),
            Setting("AWS_SESSION_TOKEN", "none", "Where the key is for a short time only."),
            Setting("AWS_REGION", "must be given without an endpoint", "Amazon's region; or `AWS_DEFAULT_REGION`."),
            Setting(
                "AWS_ENDPOINT_URL",
                "Amazon's",
                "The address of another store, https://; or `AWS_ENDPOINT_URL_S3`, which goes before it.",
            ),
            Setting(
                "AWS_CA_BUNDLE", "those of the library", "A file of certificates that the store's is held against."
            ),
        ),
    ),
    (
        "Tickets",
        (
            Setting("PASSMUSTER_TICKET_URL", "none: no ticket is sent", "Where tickets are sent, signed."),
            Setting("PASSMUSTER_TICKET_SECRET", "must be given with it", "The secret they are signed with, both ways."),
            Setting("PASSMUSTER_TICKET_SECRET_FILE", "none", "A file that holds the secret instead."),
        ),
    ),
    (
        "Credentials of platforms",
        (
            Setting(
                "PASSMUSTER_CREDENTIAL_...",
                "none",
                "Secrets a platform's page may name as `env:PASSMUSTER_CREDENTIAL_...`.",
            ),
            Setting(
                "PASSMUSTER_CREDENTIALS_DIR",
                "`credentials` in the keeper's folder",
                "The folder of files a platform's page may name as `file:...`.",
            ),
            Setting(
                "PASSMUSTER_SECRETS_COMMAND",
                "none",
                "The words a platform's `command:...` must begin with, such as `vault read -field=key`.",
            ),
        ),
    ),
    (
        "Messages",
        (
            Setting("PASSMUSTER_SMTP_HOST", "none: no mail is sent", "The mail server."),
            Setting("PASSMUSTER_SMTP_SECURITY", "`starttls`", "`tls`, `starttls`, or `none` on this machine alone."),
            Setting("PASSMUSTER_SMTP_PORT", "587; 465 with `tls`", "Its port."),
            Setting("PASSMUSTER_SMTP_USER", "none", "Whom to sign in as."),
            Setting("PASSMUSTER_SMTP_PASSWORD", "none", "The password."),
            Setting("PASSMUSTER_MAIL_FROM", "must be given with a mail server", "The address mail is sent from."),
            Setting(
                "PASSMUSTER_CALDAV_URL",
                "none: nothing is pushed",
                "The calendar collection to push the programme's dates to.",
            ),
            Setting("PASSMUSTER_CALDAV_USER", "none", "Whom to sign in as there."),
            Setting("PASSMUSTER_CALDAV_USER_FILE", "none", "A file that holds the name instead."),
            Setting("PASSMUSTER_CALDAV_PASSWORD", "none", "The password there."),
            Setting("PASSMUSTER_CALDAV_PASSWORD_FILE", "none", "A file that holds the password instead."),
            Setting(
                "PASSMUSTER_CHAT_...",
                "none",
                "The [Apprise](https://github.com/caronc/apprise/wiki) address of a chat; people choose it by what "
                "stands for the dots.",
            ),
            Setting(
                "PASSMUSTER_WEBHOOK_..._URL",
                "none",
                "An `https://` address that gets messages as signed JSON; people choose it likewise.",
            ),
            Setting(
                "PASSMUSTER_WEBHOOK_..._SECRET",
                "must be given with it",
                "The secret of the same webhook: `whsec_` and at least 24 random bytes in base64.",
            ),
        ),
    ),
    (
        "When something is wrong",
        (
            Setting(
                "PASSMUSTER_DEBUG",
                "no",
                "`1` shows where in the program a fault happened; a report of a fault needs it.",
            ),
        ),
    ),
    (
        "The worker",
        (
            Setting(
                "PASSMUSTER_FEEDS",
                "`feeds.yaml` in the keeper's folder; without that file nothing is fetched",
                "The file that names the advisory feeds to fetch.",
            ),
            Setting(
                "PASSMUSTER_CHECKPOINTS",
                "none",
                "Where signed checkpoints are put: a folder on another machine, or `s3://bucket/prefix` that locks.",
            ),
            Setting(
                "PASSMUSTER_CHECKPOINTS_LOCK_DAYS",
                "as the bucket locks by default; refused where it does not",
                "For how many days the store is asked to lock each checkpoint (COMPLIANCE).",
            ),
            Setting("PASSMUSTER_CHECKPOINT_MAIL", "none", "An address checkpoints are mailed to."),
            Setting(
                "PASSMUSTER_KEEP_WORK_DAYS",
                "30",
                "Days for which work that ended is kept, at least 2; chores that went well go after two days.",
            ),
            Setting(
                "PASSMUSTER_KEEP_MESSAGES_DAYS",
                "400",
                "Days for which messages are kept, at least 30; what is still so after that is told anew.",
            ),
        ),
    ),
)


def is_told(name: str) -> bool:
    """Whether a variable is one of these; dots in a name stand for capitals, digits and lines."""
    return any(pattern.fullmatch(name) for pattern in _PATTERNS)


def names_told() -> tuple[str, ...]:
    """Every name as it is told."""
    return tuple(each.name for _, settings in SETTINGS for each in settings)


_PATTERNS = tuple(re.compile("[A-Z0-9_]+".join(map(re.escape, name.split("...")))) for name in names_told())


def settings_page() -> str:
    """The reference page, without its mark."""
    parts = [
        "# Settings of the keeper\n\nAll are variables of the environment. They are read when a process starts: start "
        "`passmuster serve` and every `passmuster worker` anew after a change, and give all of them the same. Secrets "
        "of connectors for `passmuster collect` and `review` stand on the connectors' pages.\n\n"
        "`serve`, `worker` and `db check` look at all of them first: what is wrong is told by name and nothing starts; "
        "a variable that begins with `PASSMUSTER_` and is none of these is told, with the one that may be meant.\n\n"
    ]
    for title, settings in SETTINGS:
        rows = "".join(f"| `{each.name}` | {each.default} | {each.meaning} |\n" for each in settings)
        parts.append(f"## {title}\n\n| variable | without it | meaning |\n|---|---|---|\n{rows}\n")
    return "".join(parts)
