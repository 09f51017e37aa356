"""How a control looks at what a baseline wants: by a setting, by a table, or by asking a person; with its cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from passmuster.controls.health_check.baseline import Wanted
from passmuster.controls.health_check.words import Word

Case = Mapping[str, Any]


@dataclass(frozen=True)
class Look:
    """The check of one control, what it is called, how to mend what it finds, and its cases."""

    title: str
    check: Mapping[str, Any]
    mend: str
    cases: Sequence[Case]
    note: str = ""
    sql: str = ""


def look_of(wanted: Wanted) -> Look:
    """The look that fits; a person is asked where no snapshot tells."""
    word = wanted.word
    if word is not None and word.table_look:
        return _by_table(wanted, word)
    if word is None or not word.key:
        return _by_person(wanted)
    return {"bool": _by_flag, "number": _by_number, "enum": _by_words}[wanted.shape](wanted, word)


def _by_flag(wanted: Wanted, word: Word) -> Look:
    is_on = wanted.compliant[0] == "true"
    state = "on" if is_on else "off"
    if word.when_true:
        good, bad = (word.when_true, word.when_false) if is_on else (word.when_false, word.when_true)
        rule: dict[str, Any] = {"key": word.key, "operator": "in", "value": list(good)}
        cases = _cases(word.key, [{"value_text": value} for value in good], [{"value_text": value} for value in bad])
    else:
        rule = {"key": word.key, "operator": "equals", "value": is_on}
        cases = _cases(word.key, [{"value_bool": is_on}], [{"value_bool": not is_on}])
    title = f"{word.label}: {state}"
    return Look(title, _setting(rule, f"{word.label} is {'off' if is_on else 'on'}"), f"Switch it {state}.", cases)


def _by_number(wanted: Wanted, word: Word) -> Look:
    limit = int(wanted.number)
    operator, bound = ("at_least", "at least") if word.more_is_better else ("at_most", "at most")
    good, bad = (limit, limit - 1) if word.more_is_better else (limit, limit + 1)
    rule = {"key": word.key, "operator": operator, "value": limit}
    if word.unit != "count":
        rule["unit"] = word.unit
    unit = "" if word.unit == "count" else f" {word.unit}"
    bad_rows = [] if bad < 0 else [{"value_int": bad, "unit": word.unit}]
    return Look(
        f"{word.label}: {bound} {limit}{unit}",
        _setting(rule, word.label),
        f"Make it {bound} {limit}{unit}.",
        _cases(word.key, [{"value_int": good, "unit": word.unit}], bad_rows),
        note=_told_of(wanted),
    )


def _by_words(wanted: Wanted, word: Word) -> Look:
    numbers = word.numbers or {}
    values: list[Any] = [*wanted.compliant, *(numbers[value] for value in wanted.compliant if value in numbers)]
    rest = [value for value in word.options if value not in wanted.compliant]
    spelled = " or ".join(wanted.compliant)
    return Look(
        f"{word.label}: {spelled}" if len(spelled) < 80 else f"{word.label} is one that the baseline accepts",
        _setting({"key": word.key, "operator": "in", "value": values}, word.label),
        f"Choose {spelled}.",
        _cases(
            word.key, [_row(value, numbers) for value in wanted.compliant], [_row(value, numbers) for value in rest]
        ),
        note=_told_of(wanted),
    )


def _row(value: str, numbers: Mapping[str, int]) -> dict[str, Any]:
    return {"value_text": value, "value_int": numbers[value]} if value in numbers else {"value_text": value}


def _by_person(wanted: Wanted) -> Look:
    label = wanted.word.label if wanted.word else wanted.name
    spelled = " or ".join(wanted.compliant)
    attested = {"made_at": "2026-05-01T00:00:00Z", "valid_until": "2026-12-31T00:00:00Z", "kind": "evidence"}
    name = wanted.word.id if wanted.word else "SFHC.OTHER." + wanted.name.replace(".", "_").upper()[:50]
    cases: list[Case] = [
        {"name": "Nobody has said anything yet", "product": "salesforce", "expect": {"status": "manual"}},
        {
            "name": "Somebody said that it is met",
            "product": "salesforce",
            "registers": {"attestations": [{"attestation_id": "a1", "control_id": name, "result": "met", **attested}]},
            "expect": {"status": "pass"},
        },
        {
            "name": "Somebody said that it is not met",
            "product": "salesforce",
            "registers": {
                "attestations": [{"attestation_id": "a1", "control_id": name, "result": "not_met", **attested}]
            },
            "expect": {"status": "fail"},
        },
        {"name": "Another platform", "product": "n8n", "expect": {"status": "not_applicable"}},
    ]
    return Look(
        f"{label}: {spelled}",
        {"kind": "attest"},
        f"Look at it in Health Check and attest what you saw; wanted is {spelled}.",
        cases,
        note="Metadata does not tell it, so a person says what Health Check shows.",
    )


def _setting(rule: Mapping[str, Any], text: str) -> dict[str, Any]:
    return {"kind": "setting", "settings": [{**rule, "text": text}]}


def _told_of(wanted: Wanted) -> str:
    parts = [
        f"{word}: {', '.join(values)}"
        for word, values in (("warning", wanted.warning), ("critical", wanted.critical))
        if values
    ]
    return f"Of what is not compliant Health Check calls {'; '.join(parts)}." if parts else ""


def _cases(key: str, good: list[dict[str, Any]], bad: list[dict[str, Any]]) -> list[Case]:
    def case(name: str, row: Mapping[str, Any], expect: Mapping[str, Any]) -> Case:
        settings = [{"scope_kind": "platform", "key": key, **row}]
        return {"name": name, "product": "salesforce", "tables": {"settings": settings}, "expect": dict(expect)}

    def told(row: Mapping[str, Any]) -> str:
        return str(row.get("value_text", row.get("value_bool", row.get("value_int"))))

    cases = [case(f"{told(row)} is compliant", row, {"status": "pass"}) for row in good]
    cases += [case(f"{told(row)} is not", row, {"status": "fail", "resources": [key]}) for row in bad]
    cases += [
        case("The value is not known", {}, {"status": "unknown"}),
        {"name": "The setting is not there", "product": "salesforce", "expect": {"status": "unknown", "reason": key}},
        {
            "name": "Settings could not be read",
            "product": "salesforce",
            "unreadable": {"settings": "denied"},
            "expect": {"status": "unknown"},
        },
    ]
    return cases


_AS_OF = "2026-06-01T00:00:00Z"  # the moment at which cases are judged
_SQL = """\
select key_id as resource_id, key_id as name, '{label}: ' || cast({column} as varchar) as detail
from keys
where kind = 'certificate' and {rule}
"""
_SQL_OF_COUNT = """\
with expired as (
    select key_id from keys where kind = 'certificate' and not_after < $as_of
)
select key_id as resource_id, key_id as name, '{label}: ' || cast({column} as varchar) as detail
from keys
where kind = 'certificate' and {rule}
"""
_POPULATION = "select key_id as resource_id, {column} from keys where kind = 'certificate'"


@dataclass(frozen=True)
class _KeyRule:
    """What is wrong with a certificate by one column: the rule as SQL, words for it, rows that are right and wrong."""

    column: str
    rule: str
    bound: str
    good: Sequence[Case]
    bad: Sequence[Case]


def _key_rule(table_look: str, limit: int) -> _KeyRule:
    """The rule of one of the three ways to look at certificates. The limit is a number that was read as such."""
    if table_look == "expired":
        counted = f" and (select count(*) from expired) > {limit:d}" if limit else ""  # noqa: S608 - a number, bounded
        good, bad = [{"not_after": _AS_OF}], [{"not_after": "2026-05-31T00:00:00Z"}] * (limit + 1)
        return _KeyRule("not_after", f"not_after < $as_of{counted}", f"at most {limit}", good, bad)
    if table_look == "expiring":
        rule = f"not_after >= $as_of and not_after < $as_of + to_days({limit:d})"
        end = datetime.fromisoformat(_AS_OF) + timedelta(days=limit)
        good = [{"not_after": f"{end:%Y-%m-%dT%H:%M:%SZ}"}, {"not_after": "2026-05-31T00:00:00Z"}]
        return _KeyRule("not_after", rule, f"at least {limit} days", good, [{"not_after": _AS_OF}])
    short = [{"size_bits": limit - 1}]
    return _KeyRule("size_bits", f"size_bits < {limit:d}", f"at least {limit} bits", [{"size_bits": limit}], short)


def _by_table(wanted: Wanted, word: Word) -> Look:
    found = _key_rule(word.table_look, int(wanted.number))
    template = _SQL_OF_COUNT if "from expired" in found.rule else _SQL
    # Nothing of the baseline's own text is in the statement: a label and a column of ours, and a number.
    sql = template.format(label=word.label, column=found.column, rule=found.rule)
    return Look(
        f"{word.label}: {found.bound}",
        {
            "kind": "sql",
            "needs": ["keys"],
            "population": _POPULATION.format(column=found.column),
            "must_know": [found.column],
        },
        f"Renew what is named; wanted is {found.bound}.",
        _key_cases(found),
        note=_told_of(wanted),
        sql=sql,
    )


def _key_cases(found: _KeyRule) -> list[Case]:
    def rows(values: Sequence[Case]) -> list[dict[str, Any]]:
        return [{"key_id": f"k{n}", "kind": "certificate", **value} for n, value in enumerate(values, start=1)]

    bad = rows(found.bad)
    other = {**bad[0], "key_id": "s", "kind": "symmetric"}
    return [
        {
            "name": "In order, whatever a key that is no certificate says",
            "product": "salesforce",
            "tables": {"keys": [*rows(found.good), other]},
            "expect": {"status": "pass", "population": len(found.good)},
        },
        {
            "name": "Not in order",
            "product": "salesforce",
            "tables": {"keys": [*bad, other]},
            "expect": {"status": "fail", "resources": [row["key_id"] for row in bad], "population": len(bad)},
        },
        {
            "name": "Not known",
            "product": "salesforce",
            "tables": {"keys": rows([{}])},
            "expect": {"status": "unknown"},
        },
        {"name": "No certificate", "product": "salesforce", "expect": {"status": "not_applicable"}},
        {
            "name": "Certificates could not be read",
            "product": "salesforce",
            "unreadable": {"keys": "denied"},
            "expect": {"status": "unknown"},
        },
    ]
