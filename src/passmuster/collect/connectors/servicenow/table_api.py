"""Asking an instance for whole tables: the Table API, page by page, in the order of ids."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from passmuster.collect.answers import Answer, Answers, Request
from passmuster.collect.audit_log import MOST_ENTRIES
from passmuster.collect.base_url import BaseUrl
from passmuster.collect.connectors.servicenow.estate import Read
from passmuster.collect.connectors.servicenow.export_file import items_of
from passmuster.collect.connectors.servicenow.mapping_audit import AUDITED_TABLES, SYS_AUDIT
from passmuster.collect.connectors.servicenow.records import Record, record_of
from passmuster.collect.connectors.servicenow.wanted import WANTED, Wanted
from passmuster.collect.http import Clock, LiveAnswers, Patience
from passmuster.collect.interface import Secret, Target
from passmuster.collect.statuses import OK, Verdict, judge
from passmuster.documents.secrets import mask_secrets
from passmuster.errors import UsageError
from passmuster.model.words import CollectionStatus

API = "/api/now/table"
USER = Secret("PASSMUSTER_SERVICENOW_USER", "user name of an account that may read the tables below")
PASSWORD = Secret("PASSMUSTER_SERVICENOW_PASSWORD", "that account's password")
TOKEN = Secret("PASSMUSTER_SERVICENOW_TOKEN", "an OAuth access token of such an account, instead of user and password")
_PAGE = 1_000
_MOST_RECORDS = 2_000_000
# What holds a secret or code is never asked for; whether a password is set cannot be asked without it.
_NEVER_ASKED = frozenset({"user_password", "script", "operation_script"})
# Tables that come with a plugin: where the instance has none of that name, there is nothing of the kind.
_OF_PLUGINS = frozenset(
    "api_key oauth_credential discovery_credentials http_connection sys_hub_flow sys_hub_action_instance sp_portal "
    "ip_access sys_app sys_store_app ecc_agent".split()
)
_READABLE = (
    "give the account a role that may read {table} (for most of these tables: admin, with read-only access rules)"
)


@contextmanager
def live_answers(base: BaseUrl, target: Target, *, patience: Patience, clock: Clock) -> Iterator[LiveAnswers]:
    """Answers of a live instance for the time of one collection; raises UsageError where no credential was given."""
    user, password, token = (target.secrets.get(secret.variable, "").strip() for secret in (USER, PASSWORD, TOKEN))
    if not token and not (user and password):
        raise UsageError(
            f"set {USER.variable} and {PASSWORD.variable}, or {TOKEN.variable}, of an account that may read the tables"
        )
    headers = {"authorization": f"Bearer {token}" if token else _basic(user, password)}
    answers = LiveAnswers(base, headers=headers, patience=patience, clock=clock, progress=target.progress)
    try:
        yield answers
    finally:
        answers.close()


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def read_tables(answers: Answers, base: BaseUrl, *, since: datetime) -> dict[str, Read]:
    """Every table that is wanted, as far as the account may read it; audit records from `since` on."""
    reads: dict[str, Read] = {}
    for wanted in WANTED.values():
        if wanted.name == "sys_plugins" and reads["v_plugin"].verdict.is_ok:
            continue
        reads[wanted.name] = _read(answers, wanted, since)
    return _without_strangers(reads, base)


def _read(answers: Answers, wanted: Wanted, since: datetime) -> Read:
    found: dict[str, Record] = {}
    hosts: set[str] = set()
    odd = 0
    total: int | None = None
    request = _first_page(wanted, since)
    offset = page = 0
    while True:
        answer = answers.ask(request)
        items = items_of(answer.body) if answer.is_ok else None
        if items is None:
            return _broken(answer, wanted, found, page)
        made = [record_of(item, hosts) if isinstance(item, Mapping) else None for item in items]
        odd += made.count(None)
        fresh = {_key(record): record for record in made if record is not None and _key(record) not in found}
        if items and not fresh and page:
            return _partial(wanted, found, f"page {page + 1} gives the same records again")
        found |= fresh
        total = _total(answer) if total is None else total
        offset, page = offset + _PAGE, page + 1
        # Rows that access rules hide leave gaps in a page: only the count tells where the table ends.
        if (total is not None and offset >= total) or (total is None and not items) or offset >= _most(wanted):
            break
        request = replace(
            request, name=f"{wanted.name}_page{page + 1}", params={**request.params, "sysparm_offset": str(offset)}
        )
    return _as_read(_verdict(wanted, len(found), total, odd, offset), found)


def _key(record: Record) -> str:
    return record.values.get("sys_id") or str(sorted(record.values.items()))


def _as_read(verdict: Verdict, found: Mapping[str, Record]) -> Read:
    fields = frozenset(name for record in found.values() for name in record.values)
    return Read(verdict, tuple(found.values()), fields)


def _partial(wanted: Wanted, found: Mapping[str, Record], why: str, unlock: str = "") -> Read:
    return _as_read(Verdict(CollectionStatus.PARTIAL, f"{wanted.name}: {why}", unlock), found)


def _most(wanted: Wanted) -> int:
    return MOST_ENTRIES if wanted.name == SYS_AUDIT else _MOST_RECORDS


def _query(wanted: Wanted, since: datetime) -> str:
    if wanted.name == SYS_AUDIT:
        # A time in a query is read in the account's own time zone: half a day earlier, none is missed.
        from_then = (since - timedelta(hours=12)).strftime("%Y-%m-%d %H:%M:%S")
        return f"tablenameIN{','.join(AUDITED_TABLES)}^sys_created_on>={from_then}^ORDERBYDESCsys_created_on"
    return "internal_type=collection^ORDERBYsys_id" if wanted.name == "sys_dictionary" else "ORDERBYsys_id"


def _first_page(wanted: Wanted, since: datetime) -> Request:
    fields = sorted({"sys_id", *wanted.fields} - _NEVER_ASKED)
    query = _query(wanted, since)
    params = {
        "sysparm_limit": str(_PAGE),
        "sysparm_offset": "0",
        "sysparm_query": query,
        "sysparm_fields": ",".join(fields),
        "sysparm_display_value": "false",
        "sysparm_exclude_reference_link": "true",
    }
    return Request(wanted.name, f"{API}/{wanted.name}", params=params)


def _total(answer: Answer) -> int | None:
    word = answer.headers.get("x-total-count", "").strip()
    return int(word) if word.isdigit() and len(word) < 12 else None


def _verdict(wanted: Wanted, rows: int, total: int | None, odd: int, offset: int) -> Verdict:
    unlock = _READABLE.format(table=wanted.name)
    if odd:
        return Verdict(CollectionStatus.PARTIAL, f"{wanted.name}: {odd} entries are not records of ServiceNow")
    most = _most(wanted)
    if offset >= most and (total is None or total > most):
        return Verdict(CollectionStatus.PARTIAL, f"{wanted.name}: has more than {most} records")
    if total is not None and rows < total:
        reason = f"{wanted.name}: {rows} of {total} records were given; access rules hide the rest from this account"
        return Verdict(CollectionStatus.PARTIAL, reason, unlock)
    return OK


def _broken(answer: Answer, wanted: Wanted, found: Mapping[str, Record], page: int) -> Read:
    if answer.is_ok:
        is_page = isinstance(answer.body, str) and "<html" in answer.body[:500].lower()
        words = "a web page; is the address that of an instance?" if is_page else "not the list it should be"
        answer = replace(answer, problem=f"the answer is {words}")
    verdict = judge(answer, what=wanted.name, unlock=_READABLE.format(table=wanted.name), platform_says=_no_such_table)
    if not page and verdict.status is CollectionStatus.UNSUPPORTED and wanted.name in _OF_PLUGINS:
        return Read(OK)
    if not page:
        return Read(verdict)
    return _partial(wanted, found, f"page {page + 1} could not be read: {verdict.reason}", verdict.unlock)


def _no_such_table(answer: Answer) -> Verdict | None:
    """Reads a refusal in ServiceNow's words: `{"error": {"message": "Invalid table x"}}`."""
    error = answer.body.get("error") if isinstance(answer.body, Mapping) else None
    message = str(error.get("message", "")) if isinstance(error, Mapping) else ""
    if answer.status in (400, 404) and "invalid table" in message.lower():
        said = mask_secrets(message)[:120]
        return Verdict(
            CollectionStatus.UNSUPPORTED, f'the instance has no such table ("{said}"): its plugin is not installed'
        )
    return None


def _without_strangers(reads: dict[str, Read], base: BaseUrl) -> dict[str, Read]:
    """An instance knows its own name: answers of another one than was asked are kept from every table."""
    names = {
        record.values.get("value", "").strip().lower()
        for record in reads["sys_properties"].records
        if record.values.get("name") == "instance_name"
    } - {""}
    label, _, domain = base.host.partition(".")
    if domain != "service-now.com" or not names or label in names:
        return reads
    reason = f"{base.host} answered as the instance {min(names)}; nothing of it was kept"
    return dict.fromkeys(reads, Read(Verdict(CollectionStatus.ERROR, reason, "check the address with --url")))
