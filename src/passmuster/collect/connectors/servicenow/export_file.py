"""One exported file: JSON, XML or CSV, told by its content, as records of the tables it holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from passmuster.collect.answers import Answer
from passmuster.collect.connectors.servicenow.records import Record, record_of
from passmuster.collect.connectors.servicenow.wanted import ALIASES, WANTED, table_by_fields, table_by_name
from passmuster.collect.statuses import OK, Verdict, judge
from passmuster.documents.csv_file import parse_csv
from passmuster.documents.json_file import parse_json
from passmuster.documents.limits import MAX_BYTES, decode, read_text
from passmuster.documents.xml_file import read_xml
from passmuster.errors import UnreadableInput
from passmuster.model.words import CollectionStatus

SUFFIXES = (".json", ".xml", ".csv")
_LIMIT_STEP = 1_000


@dataclass(frozen=True)
class Part:
    """What one file says of one table. `table` is None where it cannot be told which."""

    table: str | None
    verdict: Verdict
    records: tuple[Record, ...] = ()
    fields: frozenset[str] = frozenset()
    is_csv: bool = False
    hosts: frozenset[str] = frozenset()
    notes: tuple[str, ...] = field(default=())
    is_unreadable: bool = False
    """Whether the file itself could not be read, whatever it was meant to hold."""


def read_export_file(path: Path) -> list[Part]:
    """The parts of one file; a file that cannot be read is one part that says why, with the place."""
    try:
        return list(_READERS[path.suffix.lower()](path))
    except UnreadableInput as error:
        # The name is enough; where it lies on this machine is nobody's business.
        broken = _broken(table_by_name(path.stem), str(error).replace(str(path), path.name))
        return [replace(broken, is_unreadable=True)]


def _broken(table: str | None, why: str) -> Part:
    return Part(table, Verdict(CollectionStatus.ERROR, why))


# -- JSON: exports of a list, answers of the Table API, and such answers recorded with their status


def _of_json(path: Path) -> Iterator[Part]:
    text = read_text(path)
    if text.lstrip()[:1] == "<":
        raise UnreadableInput(f"{path.name}: is a web page or XML under the name of JSON; export it again, signed in")
    document = parse_json(text, path.name)
    table = table_by_name(path.stem)
    answer = _answer(document)
    verdict = judge(answer, what=path.name, unlock=f"let the account read {table}" if table else "")
    items = items_of(answer.body)
    if not verdict.is_ok:
        yield Part(table, verdict)
    elif items is None:
        yield _broken(table, f"{path.name}: {_refusal(answer.body)}")
    else:
        yield _part_of_items(path.name, table, items, answer.headers.get("x-total-count"))


def _answer(document: Any) -> Answer:
    """A recorded answer as such, any other document as the body of a good one."""
    if isinstance(document, Mapping) and "body" in document and "status" in document:
        status = document["status"]
        headers = document.get("headers")
        kept = {str(k).lower(): str(v) for k, v in headers.items()} if isinstance(headers, Mapping) else {}
        if isinstance(status, bool) or not isinstance(status, int) or not 100 <= status <= 599:
            return Answer(None, problem=f"`status` is {status!r:.40}, not an HTTP status")
        return Answer(status, document["body"], kept)
    return Answer(200, document)


def items_of(body: Any) -> list[Any] | None:
    """The records in `{"records": [...]}` (a list's export) or `{"result": [...]}` (the Table API); None if neither."""
    if not isinstance(body, Mapping):
        return None
    items = body.get("result", body.get("records"))
    if isinstance(items, Mapping):
        return [items]
    return items if isinstance(items, list) else None


def _refusal(body: Any) -> str:
    if isinstance(body, Mapping) and isinstance(body.get("error"), Mapping):
        return f'the instance answered with an error: "{str(body["error"].get("message", ""))[:200]}"'
    if isinstance(body, str):
        return "holds a web page; sign in and export it again" if "<html" in body[:500].lower() else "holds text"
    return 'holds neither "records" nor "result"; export the list as JSON, or record an answer of the Table API'


def _part_of_items(where: str, named: str | None, items: list[Any], total: str | None) -> Part:
    hosts: set[str] = set()
    made = [record_of(item, hosts) if isinstance(item, Mapping) else None for item in items]
    records = tuple(record for record in made if record is not None)
    odd = len(made) - len(records)
    fields = frozenset(name for record in records for name in record.values)
    table = named or table_by_fields(fields)
    if total is not None and total.isdigit():
        cut = _cut_by_count(where, len(items), int(total))
    else:
        cut = _cut_by_limit(where, len(items))
    return _judged(Part(table, cut, records, fields, hosts=frozenset(hosts)), where, odd)


# -- XML: exports of a list, one element a record, called after its table; answers of the Table API call it `result`


def _of_xml(path: Path) -> Iterator[Part]:
    root = read_xml(path)
    named = table_by_name(path.stem)
    found: dict[str, list[Record]] = {}
    foreign = 0
    for element in root:
        table = named if named and element.tag == "result" else ALIASES.get(element.tag, element.tag)
        if table not in WANTED:
            foreign += 1
        elif element.get("action", "").upper() != "DELETE":
            found.setdefault(table, []).append(_record_of_element(element))
    if not found:
        what = f"{foreign} records of other tables" if foreign else "no record"
        if named and not foreign and root.tag in ("xml", "unload"):
            yield Part(named, OK)
            return
        yield _broken(named, f"{path.name}: holds {what} (its root is <{root.tag[:40]}>); export the list as XML")
    for table, records in found.items():
        fields = frozenset(name for record in records for name in record.values)
        yield _judged(Part(table, _cut_by_limit(path.name, len(records)), tuple(records), fields), path.name, 0)


def _record_of_element(element: Element) -> Record:
    values = {child.tag: (child.findtext("value") if len(child) else child.text) or "" for child in element}
    shown = {child.tag: display for child in element if (display := child.get("display_value"))}
    return Record(values, shown)


# -- CSV: exports of a list, with names of fields or their labels in the first line


def _of_csv(path: Path) -> Iterator[Part]:
    text, notes = _csv_text(path)
    header, lines = parse_csv(text, path.name)
    named = table_by_name(path.stem)
    table = named or table_by_fields(frozenset(name.strip().lower() for name in header))
    if table is None:
        yield _broken(None, f"{path.name}: which table it is can be told neither by its name nor by its columns")
        return
    columns = _columns(table, header)
    records = tuple(Record({columns[name]: cell for name, cell in row.items() if name in columns}) for _, row in lines)
    verdict = _cut_by_limit(path.name, len(records))
    yield _judged(Part(table, verdict, records, frozenset(columns.values()), True, notes=notes), path.name, 0)


def _csv_text(path: Path) -> tuple[str, tuple[str, ...]]:
    """The text, and a note where it is not UTF-8: lists are exported in Windows-1252 unless that was changed."""
    try:
        return read_text(path), ()
    except UnreadableInput as error:
        if "is not utf-8" not in str(error) or path.stat().st_size > MAX_BYTES:
            raise
    try:
        return path.read_bytes().decode("cp1252"), (f"{path.name} is not UTF-8 and was read as Windows-1252",)
    except UnicodeDecodeError:
        return decode(path.read_bytes(), path.name), ()


def _columns(table: str, header: list[str]) -> dict[str, str]:
    """Columns of the file to fields, by the fields' names or by their English labels."""
    wanted = WANTED[table]
    by_field = {name: name.strip().lower() for name in header if name.strip().lower() in (*wanted.fields, "sys_id")}
    by_label = {name: wanted.labels[word] for name in header if (word := name.strip().lower()) in wanted.labels}
    return by_field if len(by_field) >= len(by_label) else by_label


# -- what every form has in common


def _cut_by_count(where: str, rows: int, total: int) -> Verdict:
    if rows >= total:
        return OK
    reason = f"{where}: {rows} of {total} records were given; the account may not read all, or pages are missing"
    return Verdict(CollectionStatus.PARTIAL, reason, "export it again with an account that may read every record")


def _cut_by_limit(where: str, rows: int) -> Verdict:
    if rows < _LIMIT_STEP or rows % _LIMIT_STEP:
        return OK
    reason = f"{where}: holds exactly {rows} records, which is how an export looks that was cut at its row limit"
    return Verdict(CollectionStatus.PARTIAL, reason, "export it in parts, or raise the export limit of the instance")


def _judged(part: Part, where: str, odd: int) -> Part:
    """The part once its records were held against what its table cannot do without."""
    if part.table is None:
        return _broken(None, f"{where}: which table it is can be told neither by its name nor by its fields")
    missing = WANTED[part.table].required - part.fields
    if part.records and missing:
        names = ", ".join(sorted(missing))
        hint = (
            "; columns in another language cannot be told: export names of fields (XML or JSON)" if part.is_csv else ""
        )
        return _broken(part.table, f"{where}: is no list of {part.table}, or without {names}{hint}")
    if odd:
        reason = f"{where}: {odd} entries are not records of ServiceNow"
        status = CollectionStatus.PARTIAL if part.records else CollectionStatus.ERROR
        return Part(part.table, Verdict(status, reason), part.records, part.fields, part.is_csv, part.hosts)
    if not part.records and part.is_csv and missing:
        return _broken(part.table, f"{where}: its columns are not those of {part.table}")
    return part


_READERS = {".json": _of_json, ".xml": _of_xml, ".csv": _of_csv}
