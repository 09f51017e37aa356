"""The keeper's settings as people read them: every variable of the environment, what it is for, and where it stands."""

from __future__ import annotations

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
                "PASSMUSTER_OIDC_TRUST_EMAIL",
                "no",
                "`yes` where the provider never says that it verified an address, and only you give them out.",
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
            Setting("PASSMUSTER_CALDAV_PASSWORD", "none", "The password there."),
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
            Setting("PASSMUSTER_CHECKPOINTS", "none", "A folder, on another machine, signed checkpoints are put into."),
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


def settings_page() -> str:
    """The reference page, without its mark."""
    parts = [
        "# Settings of the keeper\n\nAll are variables of the environment. They are read when a process starts: start "
        "`passmuster serve` and every `passmuster worker` anew after a change, and give all of them the same. Secrets "
        "of connectors for `passmuster collect` and `review` stand on the connectors' pages.\n\n"
    ]
    for title, settings in SETTINGS:
        rows = "".join(f"| `{each.name}` | {each.default} | {each.meaning} |\n" for each in settings)
        parts.append(f"## {title}\n\n| variable | without it | meaning |\n|---|---|---|\n{rows}\n")
    return "".join(parts)
