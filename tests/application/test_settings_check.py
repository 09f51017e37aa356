"""All settings in one place: what is wrong keeps the keeper from starting, what does nothing is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from passmuster.application.settings_check import Checked, check_settings

_WELL = {
    "PASSMUSTER_BASE_URL": "https://passmuster.example.org/",
    "PASSMUSTER_SMTP_HOST": "mail.example.org",
    "PASSMUSTER_MAIL_FROM": "passmuster@example.org",
    "PASSMUSTER_CHECKPOINT_MAIL": "auditor@example.org",
    "PASSMUSTER_CHAT_OPS": "slack://a/b/c",
    "PASSMUSTER_WEBHOOK_SIEM_URL": "https://siem.example.org/in",
    "PASSMUSTER_WEBHOOK_SIEM_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "PASSMUSTER_CREDENTIAL_N8N": "of a platform",
    "PASSMUSTER_N8N_API_KEY_FILE": "/etc/key",
    "PASSMUSTER_TICKET_URL": "https://tickets.example.org/in",
    "PASSMUSTER_TICKET_SECRET": "secret",
    "PASSMUSTER_CALDAV_URL": "https://calendar.example.org/one/",
    "PASSMUSTER_SECRETS_COMMAND": "sh read",
    "PASSMUSTER_DEBUG": "1",
    "PATH": "/usr/bin:/bin",
}


def _checked(home: Path, **more: str) -> Checked:
    return check_settings({"PASSMUSTER_HOME": str(home), "PATH": "/usr/bin:/bin", **more})


def test_nothing_set_and_all_set_well_are_well(tmp_path: Path) -> None:
    assert _checked(tmp_path) == Checked((), ())
    assert _checked(tmp_path, **_WELL) == Checked((), ())


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"PASSMUSTER_BASE_URL": "passmuster.example.org"}, "PASSMUSTER_BASE_URL: is not the address of a host"),
        ({"PASSMUSTER_BASE_URL": "https://example.org/passmuster"}, "PASSMUSTER_BASE_URL: is not the address"),
        ({"PASSMUSTER_BASE_URL": "ftp://example.org"}, "PASSMUSTER_BASE_URL: is not the address"),
        ({"PASSMUSTER_BASE_URL": "https://ada:pw@example.org"}, "PASSMUSTER_BASE_URL: is not the address"),
        ({"PASSMUSTER_BASE_URL": "https://example.org:port"}, "PASSMUSTER_BASE_URL: is no address"),
        ({"PASSMUSTER_SMTP_HOST": "mail.example.org"}, "PASSMUSTER_MAIL_FROM"),
        ({"PASSMUSTER_TICKET_URL": "https://tickets.example.org"}, "PASSMUSTER_TICKET_SECRET is not"),
        ({"PASSMUSTER_CALDAV_URL": "ftp://x"}, "PASSMUSTER_CALDAV_URL 'ftp://x' is no collection's address"),
        ({"PASSMUSTER_CHECKPOINT_MAIL": "auditor@example.org"}, "PASSMUSTER_SMTP_HOST is not"),
        ({"PASSMUSTER_CHECKPOINT_MAIL": "auditor"}, "PASSMUSTER_CHECKPOINT_MAIL: 'auditor' is no mail address"),
        ({"PASSMUSTER_CREDENTIALS_DIR": "/no/such"}, "PASSMUSTER_CREDENTIALS_DIR: /no/such is no folder"),
        ({"PASSMUSTER_SECRETS_COMMAND": "no-such-program read"}, "there is no program no-such-program"),
        ({"PASSMUSTER_FEEDS": "/nope.yaml"}, "PASSMUSTER_FEEDS: /nope.yaml is no file"),
        ({"PASSMUSTER_KEEP_WORK_DAYS": "1"}, "PASSMUSTER_KEEP_WORK_DAYS"),
        ({"PASSMUSTER_GROUP_DUTY_DAYS": "0"}, "PASSMUSTER_GROUP_DUTY_DAYS: '0' is not a whole number of days"),
        ({"PASSMUSTER_CHECKPOINTS_LOCK_DAYS": "0"}, "PASSMUSTER_CHECKPOINTS_LOCK_DAYS"),
        ({"PASSMUSTER_FILES": "/a/folder"}, "PASSMUSTER_FILES"),
        ({"PASSMUSTER_OIDC_ISSUER": "https://sso.example.org"}, "PASSMUSTER_OIDC_CLIENT_ID"),
        ({"PASSMUSTER_TRUSTED_PROXIES": "ten"}, "PASSMUSTER_TRUSTED_PROXIES"),
        ({"PASSMUSTER_DATABASE_URL": "mysql://x"}, "PASSMUSTER_DATABASE_URL"),
    ],
)
def test_a_wrong_setting_is_told_by_name(tmp_path: Path, wrong: dict[str, str], told: str) -> None:
    (complaint,) = _checked(tmp_path, **wrong).complaints
    assert told in complaint


def test_all_that_is_wrong_is_told_at_once_and_no_secret_repeated(tmp_path: Path) -> None:
    found = _checked(
        tmp_path,
        PASSMUSTER_BASE_URL="https://ada:hunter2@example.org",
        PASSMUSTER_DATABASE_URL="mysql://ada:hunter2@db",
        PASSMUSTER_CALDAV_URL="https://ada:hunter2@calendar.example.org/",
        PASSMUSTER_FEEDS="/nope.yaml",
    )
    assert len(found.complaints) == 4
    assert "hunter2" not in str(found)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("PASSMUSTER_SMPT_HOST", "; is PASSMUSTER_SMTP_HOST meant?"),
        ("PASSMUSTER_N8N_API_KEI", "; is PASSMUSTER_N8N_API_KEY meant?"),
        ("PASSMUSTER_WEBHOOK_SIEM_URI", "; is PASSMUSTER_WEBHOOK_..._URL meant?"),
        ("PASSMUSTER_XYZ", ""),
    ],
)
def test_a_variable_that_is_no_setting_is_told_with_the_nearest_and_stops_nothing(
    tmp_path: Path, name: str, told: str
) -> None:
    assert _checked(tmp_path, **{name: "x"}) == Checked((), (f"{name} is no setting and does nothing{told}",))


def test_what_counts_only_with_another_is_told_where_that_is_not_set(tmp_path: Path) -> None:
    assert _checked(tmp_path, PASSMUSTER_MAIL_FROM="a@example.org").notes == (
        "PASSMUSTER_MAIL_FROM counts only with PASSMUSTER_SMTP_HOST, which is not set",
    )
