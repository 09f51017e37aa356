"""How a mail becomes a notice: a small YAML file that says which lines give which field.

There are no regular expressions in it: lines are found by how they begin, and texts are cut at words, so that no
template can be made slow by a mail.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from passmuster.documents.limits import read_text
from passmuster.documents.yaml_file import parse_yaml, plain
from passmuster.errors import UnreadableInput
from passmuster.intel.feeds.notices.notice import FIELDS, LISTS, REQUIRED, TIMES

SCHEMA = "passmuster/mail-template@1"
_MOST_BYTES = 64 * 1024
_MOST_TEMPLATES = 500
_KEYS = ("schema", "name", "from", "subject", "notice", "fields")
_SOURCES = ("line", "header", "find", "body")
_RULE_KEYS = (*_SOURCES, "next_line", "until", "after", "words", "split", "format", "timezone", "default")
_HEADERS = ("subject", "from", "date", "message-id", "reply-to", "list-id")
_FINDS = ("cves",)


@dataclass(frozen=True)
class FieldRule:
    """Where a field's text is, and what is done with it.

    One of: `line` (what stands behind these beginnings of a line, on the next line where `next_line`), `header`,
    `find` (`cves`), `body` (so many characters). Then `after` and `until` cut it, `words` put another value in the
    place of a text that holds the word, `split` makes a list, `format` and `timezone` read a time.
    """

    line: tuple[str, ...] = ()
    header: str = ""
    find: str = ""
    body: int = 0
    next_line: bool = False
    after: str = ""
    until: str = ""
    words: Mapping[str, str] | None = None
    split: str = ""
    format: str = ""
    timezone: str = "UTC"
    default: str = ""


@dataclass(frozen=True)
class MailTemplate:
    """Which mails it is for (`*` stands for any text), what is the same in all of them, and where the rest is."""

    name: str
    senders: tuple[str, ...]
    subjects: tuple[str, ...]
    notice: Mapping[str, Any]
    fields: Mapping[str, FieldRule]


def bundled_templates() -> tuple[MailTemplate, ...]:
    """The example templates that come with the program."""
    folder = files("passmuster.intel.feeds.mail_templates")
    paths = sorted((path for path in folder.iterdir() if path.name.endswith(".yaml")), key=lambda path: path.name)
    return tuple(read_template(path.read_text(encoding="utf-8"), path.name) for path in paths)


def load_templates(folder: Path) -> tuple[MailTemplate, ...]:
    """The templates in a folder, by name; raises UnreadableInput with every mistake in every file."""
    if not folder.is_dir():
        raise UnreadableInput(f"{folder}: there is no such folder; name the one that holds your mail templates")
    paths = sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")])
    if not paths:
        raise UnreadableInput(f"{folder}: holds no template; put at least one NAME.yaml into it")
    if len(paths) > _MOST_TEMPLATES:
        raise UnreadableInput(f"{folder}: holds more than {_MOST_TEMPLATES} templates; remove those nobody needs")
    found, complaints = [], []
    for path in paths:
        try:
            found.append(read_template(read_text(path, max_bytes=_MOST_BYTES), str(path)))
        except UnreadableInput as error:
            complaints.append(str(error))
    if complaints:
        raise UnreadableInput("\n".join(complaints))
    return tuple(found)


def read_template(text: str, where: str) -> MailTemplate:
    """One template; raises UnreadableInput with every mistake."""
    value = plain(parse_yaml(text, where))
    if not isinstance(value, dict) or value.get("schema") != SCHEMA:
        raise UnreadableInput(f"{where}: schema: must be {SCHEMA}; write it into the first line")
    complaints = [f"{key}: unknown key; known are {', '.join(_KEYS)}" for key in value if key not in _KEYS]
    senders, subjects = _texts(value, "from", complaints), _texts(value, "subject", complaints)
    if not senders and not subjects:
        complaints.append("from: give from, subject or both, or every mail would fit")
    notice, rules = _mapping(value, "notice", complaints), _mapping(value, "fields", complaints)
    complaints += [
        f"{key}.{name}: unknown field; known are {', '.join(FIELDS)}"
        for key, part in (("notice", notice), ("fields", rules))
        for name in part
        if name not in FIELDS
    ]
    fields = {name: _rule(name, rule, complaints) for name, rule in rules.items()}
    missing = [name for name in REQUIRED if name not in notice and name not in fields]
    complaints += [f"fields.{name}: must be given here or under notice" for name in missing]
    if complaints:
        raise UnreadableInput("\n".join(f"{where}: {complaint}" for complaint in complaints))
    return MailTemplate(str(value.get("name") or where), senders, subjects, notice, fields)


def _mapping(value: Mapping[str, Any], key: str, complaints: list[str]) -> dict[str, Any]:
    part = value.get(key) or {}
    if not isinstance(part, dict):
        complaints.append(f"{key}: is no mapping; write field: value")
        return {}
    return part


def _texts(value: Mapping[str, Any], key: str, complaints: list[str]) -> tuple[str, ...]:
    given = value.get(key)
    listed = given if isinstance(given, list) else [given] if given is not None else []
    if not all(isinstance(text, str) and text for text in listed):
        complaints.append(f"{key}: is neither text nor a list of texts; quote it")
        return ()
    return tuple(listed)


def _rule(name: str, rule: Any, complaints: list[str]) -> FieldRule:
    place = f"fields.{name}"
    if not isinstance(rule, dict):
        complaints.append(f"{place}: is no mapping; write for instance {{line: 'Start:'}}")
        return FieldRule()
    before = len(complaints)
    complaints += _about_rule(name, rule, place)
    if len(complaints) > before:
        return FieldRule()
    given = {key: rule[key] for key in _RULE_KEYS if key in rule}
    given["line"] = _texts(rule, "line", complaints)
    if "header" in given:
        given["header"] = given["header"].lower()
    return FieldRule(**given)


def _about_rule(name: str, rule: Mapping[str, Any], place: str) -> Iterable[str]:
    yield from (
        f"{place}.{key}: unknown key; known are {', '.join(_RULE_KEYS)}" for key in rule if key not in _RULE_KEYS
    )
    if sum(key in rule for key in _SOURCES) != 1:
        yield f"{place}: give one of {', '.join(_SOURCES)}"
    for key in ("after", "until", "split", "format", "timezone", "default"):
        if key in rule and not (isinstance(rule[key], str) and rule[key]):
            yield f"{place}.{key}: is no text; quote it"
    if "header" in rule and str(rule["header"]).lower() not in _HEADERS:
        yield f"{place}.header: {rule['header']!r} is none of {', '.join(_HEADERS)}"
    if "find" in rule and rule["find"] not in _FINDS:
        yield f"{place}.find: {rule['find']!r} is none of {', '.join(_FINDS)}"
    if "body" in rule and not (isinstance(rule["body"], int) and 0 < rule["body"] <= 20_000):
        yield f"{place}.body: is no number of characters from 1 to 20000"
    if "next_line" in rule and not isinstance(rule["next_line"], bool):
        yield f"{place}.next_line: is neither true nor false"
    words = rule.get("words", {})
    if not isinstance(words, dict) or not all(isinstance(each, str) for pair in words.items() for each in pair):
        yield f"{place}.words: is no mapping of word to value; quote both"
    if "format" in rule and name not in TIMES:
        yield f"{place}.format: is for times alone: {', '.join(TIMES)}"
    if "split" in rule and name not in (*LISTS, "cves"):
        yield f"{place}.split: is for lists alone: {', '.join((*LISTS, 'cves'))}"
    yield from _about_zone(rule.get("timezone", "UTC"), place)


def _about_zone(name: Any, place: str) -> Iterable[str]:
    try:
        ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield f"{place}.timezone: {name!r} is no time zone; write one such as Europe/Berlin"
