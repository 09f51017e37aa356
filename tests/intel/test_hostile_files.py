"""Files that are broken, huge, or made to hurt: refused whole, with the file, the place and the mend."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from passmuster.intel.tally import Tally
from tests.intel.making import NOW, Json, advisories, cve, day, kev, osv, take, write

_LINES = "\n".join(json.dumps(osv(f"GHSA-{n:04}-aaaa-aaaa")) for n in range(5))
_DEEP = '{"affected":' * 200 + "1" + "}" * 200
_BOMB = "schema: passmuster/notice@1\na0: &a0 [x, x]\n" + "".join(
    f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60)
)
_EPSS = "#model_version:v1,score_date:2025-08-25T00:00:00Z\ncve,epss,percentile\n"


def _bytes(text: str) -> bytes:
    return text.encode()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (_bytes(json.dumps(cve())[:-40]), ["is not JSON", "ends too early", "again"]),
        (_bytes(json.dumps(kev({"CVE-2025-10001": "2026-01-01"}))[:-30]), ["is not JSON", "ends too early"]),
        (gzip.compress(gzip.compress(_bytes(_LINES))), ["compressed twice", "decompress it once"]),
        (gzip.compress(_bytes(_LINES))[:-12], ["compressed file ends too early", "fetch it again"]),
        (gzip.compress(_bytes(_LINES))[:60] + b"x" * 60, ["compressed file is damaged"]),
        (gzip.compress(b" " * 3_000_000), ["larger than the 1 MiB"]),
        (b" " * 2_000_000, ["larger than the 1 MiB", "split it"]),
        (
            json.dumps(osv(summary="Zoë")).replace("\\u00eb", "ë").encode("latin-1"),
            ["is not utf-8", "save the file as UTF-8"],
        ),
        (json.dumps(osv()).encode("utf-16-le"), ["UTF-16 without its byte-order mark"]),
        (_bytes(_DEEP), ["deeper than 100 levels"]),
        (_bytes("[" * 100_000), ["deeper than 100 levels"]),
        (_bytes(_BOMB), ["aliases are not accepted"]),
        (b"", ["is empty"]),
        (b"  \n ", ["is empty"]),
        (b"PK\x03\x04rest", ["ZIP archive", "unpack it"]),
        (b"hello, this is no feed", ["is of no format that is read", "KEV"]),
        (b'{"foo": 1}', ["is of no format that is read"]),
        (b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', ["is of no format that is read"]),
        (
            _bytes(_LINES + '\n{"id": "GHSA-x", "affected": 3}'),
            [", line 6: is no valid OSV record", "affected: must be a list"],
        ),
        (_bytes(_LINES + '\n{"id": "GHSA-x", "aff'), [", line 6: is not JSON", "ends too early"]),
        (_bytes(_LINES + "\n" + json.dumps(cve())), [", line 6: is no osv record as those before it"]),
        (_bytes(json.dumps([osv(), {"id": "x", "affected": 1}])), [", item 2: is no valid OSV record"]),
        (_bytes(json.dumps(kev({}))), ["no entries"]),
        (
            _bytes(json.dumps({**kev({}), "vulnerabilities": [{"cveID": "CVE-x", "dateAdded": "soon"}, 7]})),
            ["vulnerabilities[0].cveID: 'CVE-x' is no CVE", "dateAdded: 'soon' is no date", "[1]: must be an object"],
        ),
        (_bytes(_EPSS), ["no scores"]),
        (_bytes(_EPSS + "CVE-2025-10001,1.5,0.2\n"), ["1 row(s) are no CVE with a probability", "1.5"]),
        (_bytes(_EPSS + "CVE-2025-10001,high,0.2\n"), ["no valid EPSS file", "high"]),
        (_bytes(_EPSS + "CVE-2025-10001,0.1,0.2\nCVE-2025-10002,0.1\n"), ["no valid EPSS file"]),
        (_bytes(_EPSS + "CVE-2025-10001,0.1,0.2\nCVE-2025-10001,0.1,0.2\n"), ["given twice"]),
        (_bytes(_EPSS.replace("2025-08-25", "2025-13-45") + "CVE-2025-10001,0.1,0.2\n"), ["score_date '2025-13-45'"]),
    ],
)
def test_a_bad_file_is_refused_whole_and_the_good_one_beside_it_is_taken(
    tmp_path: Path, store: Path, content: bytes, words: list[str]
) -> None:
    bad = tmp_path / "feed.bin"
    bad.write_bytes(content)
    good = write(tmp_path / "good.json", osv("GHSA-good-good-good"))
    result = take(store, bad, good, max_bytes=2**20)
    refused, taken = result.files
    assert (refused.accepted, refused.records, taken.accepted) == (False, 0, True)
    (problem,) = refused.problems
    assert problem.code == "invalid"
    for word in [str(bad), *words]:
        assert word in problem.text
    assert result.tally == Tally(added=1)
    assert list(advisories(store)) == ["GHSA-good-good-good"]


def test_a_file_of_a_gigabyte_is_refused_without_being_read(tmp_path: Path, store: Path) -> None:
    with (tmp_path / "huge.json").open("wb") as out:
        out.truncate(2**30)
    (file,) = take(store, tmp_path / "huge.json").files
    assert not file.accepted
    assert "larger than the 512 MiB that are read" in file.problems[0].text


def test_the_catalogue_as_a_table_says_what_its_json_says(tmp_path: Path, store: Path) -> None:
    value = kev({"CVE-2025-10001": "2026-01-01", "CVE-2025-10002": "2026-02-02"}, version="")
    value["vulnerabilities"][0]["shortDescription"] = 'with "quotes", and\na line'
    out = io.StringIO()
    writer = csv.DictWriter(out, list(value["vulnerabilities"][0]))
    writer.writeheader()
    writer.writerows(value["vulnerabilities"])
    (tmp_path / "kev.csv").write_text(out.getvalue())
    assert take(store, write(tmp_path / "kev.json", value)).tally == Tally(added=2)
    result = take(store, tmp_path / "kev.csv", at=NOW + timedelta(hours=1))
    assert ([file.kind for file in result.files], result.tally) == (["kev"], Tally())
    (tmp_path / "kev.csv").write_text(out.getvalue()[:-90])
    (file,) = take(store, tmp_path / "kev.csv").files
    assert "line 4 has not as many cells as the header" in file.problems[0].text


def test_formats_are_told_by_content_and_never_by_name(tmp_path: Path, store: Path) -> None:
    contents = {
        "kev.csv": _bytes(json.dumps(kev({"CVE-2025-10001": "2026-01-01"}))),
        "record.yaml": b"\xef\xbb\xbf" + _bytes(json.dumps(cve())),
        "lines.json": gzip.compress(_bytes(_LINES)),
        "list.txt": _bytes(json.dumps([osv("GHSA-1111-aaaa-aaaa"), osv("GHSA-2222-aaaa-aaaa")])),
        "scores.json": gzip.compress(_bytes(_EPSS + "CVE-2025-10001,0.1,0.2\n")),
        "utf16": json.dumps(osv("GHSA-3333-aaaa-aaaa")).encode("utf-16"),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    result = take(store, *(tmp_path / name for name in contents))
    assert [(file.kind, file.records) for file in result.files] == [
        ("kev", 1),
        ("cve", 1),
        ("osv", 5),
        ("osv", 2),
        ("epss", 1),
        ("osv", 1),
    ]
    assert all(file.accepted for file in result.files)


def test_a_date_in_the_future_is_accepted_and_told(tmp_path: Path, store: Path) -> None:
    late = osv(modified="2031-01-01T00:00:00Z")
    entries = kev({"CVE-2025-10001": "2026-01-01"})
    entries["vulnerabilities"][0] |= {"dateAdded": "2030-02-03", "dueDate": "2030-02-24"}
    result = take(store, write(tmp_path / "a.json", late), write(tmp_path / "b.json", entries), at=NOW)
    assert [(p.code, p.record) for file in result.files for p in file.problems] == [
        ("future_date", "GHSA-aaaa-bbbb-cccc"),
        ("future_date", "CVE-2025-10001"),
    ]
    assert result.tally == Tally(added=2)


def test_a_catalogue_that_miscounts_itself_is_taken_and_told(tmp_path: Path, store: Path) -> None:
    value = {**kev({"CVE-2025-10001": "2026-01-01"}), "count": 7}
    (file,) = take(store, write(tmp_path / "kev.json", value)).files
    assert [(p.code, p.text) for p in file.problems] == [
        ("count_differs", "the catalogue says it has 7 entries and has 1")
    ]


def test_a_due_date_before_the_day_of_listing_is_taken_and_told(tmp_path: Path, store: Path) -> None:
    value = kev({"CVE-2025-10001": "2025-11-30", "CVE-2025-10002": "2025-12-01", "CVE-2021-10003": "2021-07-20"})
    value["vulnerabilities"][2]["dateAdded"] = "2021-11-03"
    (file,) = take(store, write(tmp_path / "kev.json", value)).files
    assert file.accepted
    assert [(p.code, p.record) for p in file.problems] == [("due_before_added", "CVE-2025-10001")]


@pytest.mark.parametrize(("told", "asks"), [("Yes", True), ("No", False), ("", False), ("Look at logs.", False)])
def test_whether_the_catalogue_asks_for_forensics_is_kept_and_its_change_is_history(
    tmp_path: Path, store: Path, told: str, asks: bool
) -> None:
    value = kev({"CVE-2025-10001": "2025-12-15"})
    take(store, write(tmp_path / "a.json", value), at=day(1))
    value["vulnerabilities"][0] |= {"forensicTriage": told} if told else {}
    tally = take(store, write(tmp_path / "b.json", value), at=day(2)).tally
    assert tally == (Tally(changed=1) if told else Tally())
    (entry,) = (each.kev for each in advisories(store).values())
    assert entry is not None
    assert (entry.forensic_triage, entry.asks_for_forensics) == (told, asks)


def test_a_publication_in_the_future_is_told_even_where_the_record_knows_of_exploitation(
    tmp_path: Path, store: Path
) -> None:
    listed = {"other": {"type": "kev", "content": {"dateAdded": "2025-05-03"}}}
    late = cve()
    late["cveMetadata"]["datePublished"] = "2031-01-01T00:00:00Z"
    late["containers"]["adp"] = [{"providerMetadata": {"shortName": "CISA-ADP"}, "metrics": [listed]}]
    result = take(store, write(tmp_path / "a.json", late), at=NOW)
    assert [(p.code, p.record) for file in result.files for p in file.problems] == [("future_date", "CVE-2025-10001")]


@pytest.mark.parametrize("record", [osv, cve])
def test_no_secret_in_a_public_record_is_kept(record: Callable[..., Json], tmp_path: Path, store: Path) -> None:
    secret = "abcdefabcdef0123456789abcdef"
    address = f"https://reader:{secret}@vendor.example/kb?access_token={secret}"
    prose = f"Sent with api_key={secret} in clear."
    told = {"summary": prose, "details": prose, "title": prose, "descriptions": [{"lang": "en", "value": prose}]}
    take(store, write(tmp_path / "a.json", record(**told, references=[{"type": "WEB", "url": address}])), at=NOW)
    (found,) = advisories(store).values()
    assert "api_key=[redacted] in clear" in repr(found)
    assert "@vendor.example/kb" in repr(found)
    assert secret not in repr(found)
