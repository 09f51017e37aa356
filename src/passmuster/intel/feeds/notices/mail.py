"""The reader of mails (`.eml`) by templates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from passmuster.documents.secrets import mask_secrets
from passmuster.errors import UnreadableInput
from passmuster.intel.feeds.interface import Document, ImportProblem, Reading
from passmuster.intel.feeds.notices.feed import refuse
from passmuster.intel.feeds.notices.mail_template import FieldRule, MailTemplate
from passmuster.intel.feeds.notices.mail_text import Mail, read_mail
from passmuster.intel.feeds.notices.notice import LISTS, TIMES, read_notice

_HEADER_LINE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}:(?: |\t|$)")
_MAIL_HEADERS = frozenset({"from", "to", "subject", "date", "message-id", "received", "return-path", "mime-version"})
_CVE = re.compile(r"CVE-\d{4}-\d{4,7}", re.IGNORECASE)
_MOST_DIFFERENCE = timedelta(days=2)


@dataclass(frozen=True)
class MailFeed:
    """A vendor's mail as a notice, by the first of `templates` that fits it."""

    templates: tuple[MailTemplate, ...]
    kind: str = "notice"

    def recognises(self, document: Document) -> bool:
        """Whether it begins with the headers of a mail."""
        return _is_mail(document.text)

    def read(self, document: Document) -> Reading:
        """The one record; raises UnreadableInput where no template fits, or with all that the mail does not give."""
        mail = read_mail(document.text.lstrip("\ufeff\r\n"))
        template = next((each for each in self.templates if fits(each, mail)), None)
        if template is None:
            raise UnreadableInput(
                f"{document.where}: no mail template fits (from {mail.sender or 'nobody'!r}, subject "
                f"{mask_secrets(mail.headers['subject'])[:80]!r}); write one and name its folder with --mail-templates"
            )
        complaints: list[str] = []
        place = f"{document.where}: (template {template.name}) "
        values = _values(template, mail, place, complaints)
        announced_at, problems = _announced(mail)
        values.setdefault("announced_at", announced_at)
        record = read_notice(values, place, complaints)
        refuse(complaints)
        if record is None:
            raise UnreadableInput(f"{place}gives no notice; check the template against the mail")
        problems = [ImportProblem(each.code, each.text, record.id) for each in problems]
        return Reading((record,), tuple(problems))


def _is_mail(text: str) -> bool:
    """Whether the first lines are headers, and among them at least two that mails have."""
    lines = text[:8_000].lstrip("\ufeff\r\n").splitlines()[:60]
    names = set()
    for number, line in enumerate(lines):
        if not line.strip():
            break
        if number == 0 and line.startswith("From "):
            continue
        if _HEADER_LINE.match(line):
            names.add(line.partition(":")[0].lower())
        elif not line.startswith((" ", "\t")):
            return False
    return len(names & _MAIL_HEADERS) >= 2 and bool(names & {"from", "return-path", "received"})


def fits(template: MailTemplate, mail: Mail) -> bool:
    """Whether a mail's sender and subject are those of a template."""
    subject = mail.headers["subject"]
    return (not template.senders or any(glob_fits(glob, mail.sender) for glob in template.senders)) and (
        not template.subjects or any(glob_fits(glob, subject) for glob in template.subjects)
    )


def glob_fits(glob: str, text: str) -> bool:
    """Whether the text is as the glob says, `*` for any text, whatever the case; in time linear in the text."""
    first, *rest = glob.lower().split("*")
    text = text.lower()
    if not rest:
        return text == first
    if not text.startswith(first):
        return False
    place = len(first)
    for part in rest[:-1]:
        found = text.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return len(text) - len(rest[-1]) >= place and text.endswith(rest[-1])


def _values(template: MailTemplate, mail: Mail, place: str, complaints: list[str]) -> dict[str, Any]:
    values: dict[str, Any] = dict(template.notice)
    for name, rule in template.fields.items():
        text = _text(rule, mail)
        if not text:
            continue
        if name in TIMES:
            moment = _moment(rule, text)
            if moment is None:
                wanted = f"the format {rule.format!r}" if rule.format else "2026-12-31 17:00"
                complaints.append(f"{place}{name}: {text[:60]!r} is no time by {wanted}; mend the template's format")
            values[name] = moment
        elif name in (*LISTS, "cves"):
            values[name] = [part.strip() for part in text.split(rule.split or ";") if part.strip()]
        else:
            values[name] = text
    values.setdefault("text", f"{mail.headers['subject']}\n\n{mail.body}".strip()[:20_000])
    return {name: value for name, value in values.items() if value is not None}


def _text(rule: FieldRule, mail: Mail) -> str:
    """What a rule finds in a mail, "" where it finds nothing and has no default."""
    if rule.find:
        found = _CVE.findall(f"{mail.headers['subject']}\n{mail.body}")
        return (rule.split or ";").join(dict.fromkeys(each.upper() for each in found))
    if rule.body:
        text = mail.body[: rule.body]
    elif rule.header:
        text = mail.headers.get(rule.header, "")
    else:
        text = _behind(rule, mail.lines)
    text = _cut(text, rule)
    if rule.words is not None:
        lowered = text.lower()
        text = next((value for word, value in rule.words.items() if word.lower() in lowered), "")
    return text or rule.default


def _behind(rule: FieldRule, lines: list[str]) -> str:
    """What stands behind the first line that begins so; of the next line that is not empty, where it is to be that."""
    for start in rule.line:
        for number, line in enumerate(lines):
            if line.lower().startswith(start.lower()):
                rest = line[len(start) :].strip()
                follower = next((each for each in lines[number + 1 :] if each), "")
                return follower if rule.next_line or not rest else rest
    return ""


def _cut(text: str, rule: FieldRule) -> str:
    if rule.after:
        found = text.lower().find(rule.after.lower())
        text = text[found + len(rule.after) :] if found >= 0 else ""
    if rule.until:
        found = text.lower().find(rule.until.lower())
        text = text[:found] if found >= 0 else text
    return text.strip()


def _moment(rule: FieldRule, text: str) -> datetime | None:
    """A time in the rule's format (`%d %B %Y %H:%M`) or ISO 8601, in the rule's zone unless it has its own."""
    try:
        moment = datetime.strptime(text, rule.format) if rule.format else datetime.fromisoformat(text)  # noqa: DTZ007
        return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(rule.timezone))
    except (ValueError, OverflowError):
        return None


def _announced(mail: Mail) -> tuple[datetime | None, list[ImportProblem]]:
    """When it was announced: by the mail's own date, unless our server took it in at quite another time."""
    if mail.sent_at is None or mail.received_at is None or abs(mail.sent_at - mail.received_at) <= _MOST_DIFFERENCE:
        return mail.sent_at or mail.received_at, []
    text = f"the mail is dated {mail.sent_at:%Y-%m-%d} but was received on {mail.received_at:%Y-%m-%d}, which counts"
    return mail.received_at, [ImportProblem("date_doubtful", text)]
