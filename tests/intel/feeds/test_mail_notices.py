"""Mails as notices: templates, parts and encodings, forged headers, and mails that are none."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from passmuster.errors import UnreadableInput
from passmuster.intel.feeds.interface import Document, Reading
from passmuster.intel.feeds.notices.mail import MailFeed, glob_fits
from passmuster.intel.feeds.notices.mail_template import bundled_templates, load_templates, read_template
from passmuster.intel.feeds.notices.mail_text import read_mail, strip_tags
from passmuster.model.advisory import Notice, NoticeKind

BODY = """Dear customers,

  * Reference: CHG-77
  * Start: 10 March 2026 22:00 (CET)
  * End: 11 March 2026 01:30 (CET)
Regions: EU, UK
Affected connectors: SharePoint, SQL Server
Details: https://status.example.com/77

Your api_key=abcdefabcdef0123456789abcdef stays as it is.
"""

FIX = """Product: Flowmaker, Flowmaker Server
Severity: Important (8.1)
Deployed on: 2026-03-09
Advisory: https://example.com/a/1
We mended CVE-2026-10001, cve-2026-10002 and CVE-2026-10001.
"""


def mail(
    body: str = BODY,
    *,
    sender: str = "Status <no-reply@status.example.com>",
    subject: str = "Scheduled maintenance on 10 March",
    date: str = "Mon, 02 Mar 2026 09:00:00 +0100",
) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["Subject"], message["Date"] = sender, subject, date
    message["Message-ID"] = "<77@status.example.com>"
    message.set_content(body)
    return message


def document(message: EmailMessage | str) -> Document:
    return Document("m.eml", message if isinstance(message, str) else message.as_string())


def read(message: EmailMessage | str) -> Reading:
    return MailFeed(bundled_templates()).read(document(message))


def notice(message: EmailMessage | str) -> Notice:
    found = read(message).records[0].notice
    assert found is not None
    return found


def test_the_lines_of_a_mail_become_fields() -> None:
    record = read(mail()).records[0]
    found = record.notice
    assert found is not None
    assert (record.id, record.feed, found.kind) == ("CHG-77", "Example Cloud", NoticeKind.MAINTENANCE)
    assert (found.earliest_at, found.latest_at) == (
        datetime(2026, 3, 10, 21, tzinfo=UTC),
        datetime(2026, 3, 11, 0, 30, tzinfo=UTC),
    )
    assert (found.regions, found.connectors) == (("EU", "UK"), ("SharePoint", "SQL Server"))
    assert (found.source, found.announced_at) == (
        "https://status.example.com/77",
        datetime(2026, 3, 2, 8, tzinfo=UTC),
    )
    assert "abcdef0123456789" not in repr(record)


def test_the_other_example_template_reads_a_security_fix() -> None:
    subject = "Security update [ACME-7] for Flowmaker"
    record = read(mail(FIX, sender="security@example.com", subject=subject)).records[0]
    found = record.notice
    assert found is not None
    assert (record.id, found.kind, found.severity) == ("ACME-7", NoticeKind.SECURITY_FIX, "high")
    assert found.platforms == ("Flowmaker", "Flowmaker Server")
    assert record.aliases == ("CVE-2026-10001", "CVE-2026-10002")
    assert record.vendor_fixed_at == datetime(2026, 3, 9, tzinfo=UTC)


def test_html_alone_is_read_without_its_markup() -> None:
    lines = "".join(f"<tr><td>{line.strip()}</td></tr>" for line in BODY.splitlines())
    html = f"<html><head><style>Start: never</style><script>x='End: never'</script></head><table>{lines}</table></html>"
    message = mail()
    message.set_content(html, subtype="html")
    assert notice(message).latest_at == datetime(2026, 3, 11, 0, 30, tzinfo=UTC)
    assert "never" not in read(message).records[0].description


@pytest.mark.parametrize("encoding", ["quoted-printable", "base64", "8bit"])
def test_encodings_and_several_parts(encoding: str) -> None:
    message = mail()
    message.set_content(BODY.replace("Dear", "Liebe Grüße"), cte=encoding, charset="utf-8")
    message.add_alternative("<p>Start: 1 January 1999 00:00</p>", subtype="html")
    message.add_attachment(b"\0" * 100_000, maintype="application", subtype="zip", filename="Start.zip")
    message.add_attachment("Start: 1 January 1999 00:00", filename="more.txt")
    found = notice(message)
    assert found.earliest_at == datetime(2026, 3, 10, 21, tzinfo=UTC)
    assert "Grüße" in found.text
    assert "1999" not in found.text


def test_encoded_subjects_are_read() -> None:
    assert notice(mail(subject="Größere maintenance")).kind is NoticeKind.MAINTENANCE
    assert "=?utf-8?" in mail(subject="Größere maintenance").as_string()


def test_a_forged_date_gives_way_to_the_time_our_server_took_it_in() -> None:
    text = "Received: from x by mx.example.org; Mon, 02 Mar 2026 09:00:05 +0100\n"
    reading = read(text + mail(date="Fri, 01 Jan 2038 00:00:00 +0000").as_string())
    assert [problem.code for problem in reading.problems] == ["date_doubtful"]
    assert reading.records[0].published_at == datetime(2026, 3, 2, 8, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Mar 2026 09:00:00 +0100", "\x00"])
def test_a_date_that_is_none_is_left_out(date: str) -> None:
    text = mail().as_string().replace("Mon, 02 Mar 2026 09:00:00 +0100", date)
    assert notice(text).announced_at is None


def test_a_header_cannot_be_smuggled_into_another() -> None:
    subject = "=?utf-8?q?maintenance=0AFrom:_evil=40example.org?="
    text = mail().as_string().replace("Scheduled maintenance on 10 March", subject)
    assert "\n" not in read_mail(text).headers["subject"]
    assert read_mail(text).sender == "no-reply@status.example.com"


@pytest.mark.parametrize(
    ("sender", "subject"),
    [
        ("no-reply@status.example.com", "Invoice"),
        ("evil@example.org", "maintenance"),
        ("no-reply@status.example.com.evil.org", "maintenance"),
        ("no-reply@status.example.com <evil@example.org>", "maintenance"),
    ],
)
def test_a_mail_no_template_is_for_is_refused_with_what_to_do(sender: str, subject: str) -> None:
    with pytest.raises(UnreadableInput, match=r"m\.eml: no mail template fits .* --mail-templates"):
        read(mail(subject=subject).as_string().replace("Status <no-reply@status.example.com>", sender))


def test_what_a_mail_does_not_give_is_told_with_the_template() -> None:
    body = BODY.replace("Reference: CHG-77", "").replace("10 March 2026 22:00", "next week")
    with pytest.raises(UnreadableInput) as caught:
        read(mail(body))
    told = str(caught.value).splitlines()
    assert any("earliest_at: 'next week' is no time by the format '%d %B %Y %H:%M'" in line for line in told)
    assert any("id: must be given" in line for line in told)
    assert all(line.startswith("m.eml: (template maintenance announced by mail) ") for line in told)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("From: a@b.example\nSubject: x\n\nbody", True),
        ("Received: by x\nDate: now\n\n", True),
        ("From a@b Mon Mar 2 2026\nFrom: a@b.example\nTo: c@d.example\n\nbody", True),
        ("subject: x\ndate: 2026-01-01\n", False),
        ("id,kind,vendor\n", False),
        ("id: MC-1\nkind: maintenance\nvendor: V\n", False),
        ("", False),
        ("BEGIN:VCALENDAR\n", False),
    ],
)
def test_it_is_told_by_its_headers(text: str, is_one: bool) -> None:
    assert MailFeed(()).recognises(Document("x", text)) is is_one


@pytest.mark.parametrize(
    ("glob", "text", "fits"),
    [
        ("*@x.example", "a@x.example", True),
        ("*@x.example", "a@x.example.org", False),
        ("*maintenance*", "Planned MAINTENANCE!", True),
        ("a*b*c", "aXbYc", True),
        ("a*b*c", "aXcYb", False),
        ("exact", "Exact", True),
        ("exact", "exactly", False),
        ("a*a", "a", False),
        ("*", "", True),
    ],
)
def test_a_star_stands_for_any_text(glob: str, text: str, fits: bool) -> None:
    assert glob_fits(glob, text) is fits


def test_texts_made_to_be_slow_come_to_an_end() -> None:
    assert not glob_fits("*a" * 500 + "b", "a" * 100_000)
    assert strip_tags("<" * 200_000) is not None
    assert strip_tags("<!--" * 50_000 + "&" * 50_000) is not None


TEMPLATE = """
schema: passmuster/mail-template@1
from: "*@acme.example"
notice: {vendor: Acme, kind: release}
fields:
  id: {header: message-id}
  text: {line: "News:", next_line: true}
"""


def test_a_template_of_ones_own_from_a_folder(tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_text(TEMPLATE, encoding="utf-8")
    feed = MailFeed((*load_templates(tmp_path), *bundled_templates()))
    message = mail("News:\n\nThe 7.1 is out.\n", sender="news@acme.example", subject="Hello")
    record = feed.read(document(message)).records[0]
    assert (record.id, record.description) == ("<77@status.example.com>", "The 7.1 is out.")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (("schema: passmuster/mail-template@1", "schema: x"), "schema: must be passmuster/mail-template@1"),
        (('from: "*@acme.example"', "colour: red"), "colour: unknown key; known are schema, name, from"),
        (('from: "*@acme.example"', ""), "from: give from, subject or both"),
        (('from: "*@acme.example"', "from: 7"), "from: is neither text nor a list of texts"),
        (("{header: message-id}", "{header: x-secret}"), "fields.id.header: 'x-secret' is none of"),
        (("{header: message-id}", "{line: a, header: subject}"), "fields.id: give one of line, header, find, body"),
        (("{header: message-id}", "{regex: '(a+)+$'}"), "fields.id.regex: unknown key"),
        (("id: {header: message-id}", "number: {header: subject}"), "fields.number: unknown field"),
        (("id: {header: message-id}", "platforms: {header: subject}"), "fields.id: must be given"),
        (("next_line: true", "next_line: maybe"), "fields.text.next_line: is neither true nor false"),
        (("next_line: true", "format: '%d'"), "fields.text.format: is for times alone"),
        (("next_line: true", "timezone: Mars/Base"), "fields.text.timezone: 'Mars/Base' is no time zone"),
        (("vendor: Acme", "vendor: &a Acme, source: *a"), "aliases are not accepted"),
    ],
)
def test_a_wrong_template_is_refused_with_the_place(changed: tuple[str, str], told: str, tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_text(TEMPLATE.replace(*changed), encoding="utf-8")
    with pytest.raises(UnreadableInput) as caught:
        load_templates(tmp_path)
    assert told in str(caught.value)
    assert "acme.yaml" in str(caught.value)


def test_a_folder_without_templates_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="holds no template"):
        load_templates(tmp_path)
    with pytest.raises(UnreadableInput, match="there is no such folder"):
        load_templates(tmp_path / "nowhere")


def test_the_example_templates_are_valid() -> None:
    assert [template.name for template in bundled_templates()] == [
        "maintenance announced by mail",
        "security fix announced by mail",
    ]
    assert read_template(TEMPLATE, "t.yaml").fields["id"].header == "message-id"


def test_a_refusal_shows_no_secret_of_the_subject() -> None:
    secret = "abcdefabcdef0123456789abcdef"
    with pytest.raises(UnreadableInput, match="no mail template fits") as told:
        read(mail(sender="nobody@elsewhere.example", subject=f"Your api_key={secret}"))
    assert secret not in str(told.value)
