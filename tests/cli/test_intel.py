"""`passmuster intel` on the real command line: its documents, messages and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import run
from tests.intel.making import cve, kev, osv, write

NAME = "CVE-2025-10001"


def _feeds(folder: Path) -> Path:
    differs = {"cvssV3_1": {"baseScore": 5.0, "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}
    write(folder / "cve.json", cve(NAME, metrics=[differs]))
    write(folder / "kev.json", kev({NAME: "2026-01-10"}))
    write(folder / "osv.json", osv(aliases=[NAME]))
    return folder


def test_an_import_answers_with_one_document(tmp_path: Path) -> None:
    folder, store = _feeds(tmp_path / "feeds"), tmp_path / "store"
    (folder / "README.md").write_text("# Feeds\n\nHow these came here.\n")
    done = run("intel", "import", folder, "--store", store, "--as-of", "2026-01-02", "--format", "json")
    assert done.returncode == 0
    assert done.stderr == f"passed over: {folder / 'README.md'}: is of no format that is read\n"
    document = json.loads(done.stdout)
    assert list(document) == ["schema", "files", "added", "changed", "withdrawn"]
    assert document["schema"] == "passmuster/import@1"
    assert [(f["path"], f["kind"], f["accepted"], f["records"]) for f in document["files"]] == [
        (str(folder / "cve.json"), "cve", True, 1),
        (str(folder / "kev.json"), "kev", True, 1),
        (str(folder / "osv.json"), "osv", True, 1),
    ]
    (problem,) = document["files"][0]["problems"]
    assert (problem["code"], problem["record"]) == ("score_differs", NAME)
    assert (document["added"], document["changed"], document["withdrawn"]) == (3, 0, 0)
    again = run("intel", "import", folder, "--store", store, "--format", "json")
    assert [json.loads(again.stdout)[word] for word in ("added", "changed", "withdrawn")] == [0, 0, 0]


def test_a_refused_file_is_told_and_exits_with_2_while_the_others_are_taken(tmp_path: Path) -> None:
    folder = _feeds(tmp_path / "feeds")
    (folder / "broken.json").write_text('{"dataType": "CVE_RECORD"')
    done = run("intel", "import", folder, tmp_path / "missing", "--store", tmp_path / "store", "--format", "json")
    assert done.returncode == 2
    document = json.loads(done.stdout)
    assert document["added"] == 3
    refused = [f for f in document["files"] if not f["accepted"]]
    assert [(f["path"], f["kind"], f["problems"][0]["code"]) for f in refused] == [
        (str(folder / "broken.json"), None, "invalid"),
        (str(tmp_path / "missing"), None, "invalid"),
    ]
    assert "ends too early" in done.stderr
    assert "there is no such file or folder" in done.stderr
    assert "Traceback" not in done.stderr


_TEMPLATE = """\
schema: passmuster/mail-template@1
name: ours
from: ["security@vendor.example"]
subject: "Security*"
notice: {kind: security_fix, vendor: Vendor}
fields:
  id: {header: subject, after: "[", until: "]"}
  cves: {find: cves}
"""
_MAIL = """\
From: security@vendor.example
Subject: Security fix [V-2026-1]
Date: Fri, 02 Jan 2026 10:00:00 +0000

Builder is mended: CVE-2025-10001.
"""
_CALENDAR = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//vendor//status//EN
BEGIN:VEVENT
UID:1@vendor.example
DTSTAMP:20260101T000000Z
DTSTART:20260110T000000Z
DTEND:20260110T020000Z
SUMMARY:Maintenance
END:VEVENT
END:VCALENDAR
"""


def test_notices_of_every_form_arrive_and_mails_by_the_houses_own_template(tmp_path: Path) -> None:
    texts = {
        "mail": _MAIL,
        "feed": _CALENDAR,
        "a": "schema: passmuster/notice@1\nid: N-1\nkind: release\nvendor: Vendor\nannounced_at: 2026-01-02\n",
        "b": "id,kind,vendor,announced_at\nN-2,retirement,Vendor,2026-01-02T00:00:00Z\n",
        "c": '[{"id": "N-3", "kind": "incident", "vendor": "Vendor", "announced_at": "2026-01-02T00:00:00Z"}]',
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "vendor.yaml").write_text(_TEMPLATE)
    paths, store = [tmp_path / name for name in texts], tmp_path / "store"
    refused = run("intel", "import", tmp_path / "mail", "--store", store)
    assert refused.returncode == 2
    assert "--mail-templates" in refused.stderr
    done = run(
        "intel", "import", *paths, "--store", store, "--mail-templates", tmp_path / "templates", "--format", "json"
    )
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    assert [(file["kind"], file["records"]) for file in document["files"]] == [("notice", 1)] * 5
    assert document["added"] == 5
    shown = json.loads(run("intel", "show", NAME, "--store", store, "--format", "json").stdout)
    assert (shown["id"], shown["aliases"], shown["notice"]["kind"]) == (NAME, ["V-2026-1"], "security_fix")


def test_a_mail_in_an_old_encoding_is_read(tmp_path: Path) -> None:
    mail = _MAIL.replace("\n\n", "\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: 8bit\n\n")
    (tmp_path / "mail").write_bytes(mail.replace("mended", "geändert").encode("latin-1"))
    (tmp_path / "templates").mkdir()
    template = _TEMPLATE + "  text: {body: 100}\n"
    (tmp_path / "templates" / "vendor.yaml").write_text(template)
    store = tmp_path / "store"
    done = run("intel", "import", tmp_path / "mail", "--store", store, "--mail-templates", tmp_path / "templates")
    assert (done.returncode, done.stderr) == (0, "")
    shown = json.loads(run("intel", "show", NAME, "--store", store, "--format", "json").stdout)
    assert shown["notice"]["text"].startswith("Builder is geändert")


def test_a_store_beside_the_feeds_is_not_read_as_one(tmp_path: Path) -> None:
    _feeds(tmp_path)
    for added in (3, 0):
        done = run("intel", "import", tmp_path, "--store", tmp_path / "store", "--format", "json")
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(done.stdout)["added"] == added


def test_show_tells_what_was_known_at_an_instant(tmp_path: Path) -> None:
    folder, store = tmp_path / "feeds", tmp_path / "store"
    steps = {
        "2026-01-02": cve(NAME, tags=["exclusively-hosted-service"]),
        "2026-01-03": kev({NAME: "2026-01-10"}),
        "2026-01-04": kev({NAME: "2026-01-20"}),
        "2026-01-05": osv(aliases=[NAME]),
    }
    for when, value in steps.items():
        done = run("intel", "import", write(folder / f"{when}.json", value), "--store", store, "--as-of", when)
        assert done.returncode == 0, done.stderr
    shown = {}
    for when in steps:
        done = run("intel", "show", NAME.lower(), "--store", store, "--as-of", when, "--format", "json")
        assert (done.returncode, done.stderr) == (0, "")
        shown[when] = json.loads(done.stdout)
    assert {document["schema"] for document in shown.values()} == {"passmuster/advisory@1"}
    assert {document["id"] for document in shown.values()} == {NAME}
    assert [document["kev"] and document["kev"]["due_on"] for document in shown.values()] == [
        None,
        "2026-01-10",
        "2026-01-20",
        "2026-01-20",
    ]
    assert [len(document["history"]) for document in shown.values()] == [1, 2, 3, 4]
    last = shown["2026-01-05"]
    assert last["history"][2]["changes"] == [{"field": "kev.due_on", "before": "2026-01-10", "after": "2026-01-20"}]
    assert last["aliases"] == ["GHSA-aaaa-bbbb-cccc"]
    assert last["fixed_versions"] == ["2.0", "2.0.0"]
    assert last["hosted_only"] is True
    assert last["ssvc"]["exploitation"] == {"value": "active", "by": "CISA-KEV", "judged_at": "2025-12-01T00:00:00Z"}
    assert (last["disclosed_at"], last["vendor_fixed_at"]) == ("2025-05-01T10:00:00Z", None)
    assert last["learned_at"] == "2026-01-02T00:00:00Z"
    by_alias = run("intel", "show", "GHSA-aaaa-bbbb-cccc", "--store", store, "--format", "json")
    assert json.loads(by_alias.stdout)["id"] == NAME
    table = run("intel", "show", NAME, "--store", store)
    assert table.returncode == 0
    assert "due 2026-01-20" in table.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("intel show CVE-2025-99999 --store {store}", "nothing was known of 'CVE-2025-99999'"),
        ("intel show {name} --store {store} --as-of 2020-01-01", "at 2020-01-01T00:00:00Z"),
        ("intel show {name} --store {here}/nothing", "there is no such store"),
        ("intel show {name} --store {here}", "is no intel store"),
        ("intel import {here}/feeds --store {here}", "is no intel store"),
        ("intel import --store {store}", "Missing argument"),
        ("intel sync {here}/no.yaml --store {store}", "no such file"),
    ],
)
def test_wrong_usage_is_told_without_a_traceback(tmp_path: Path, arguments: str, words: str) -> None:
    folder, store = _feeds(tmp_path / "feeds"), tmp_path / "store"
    run("intel", "import", folder, "--store", store)
    done = run(*(part.format(here=tmp_path, store=store, name=NAME) for part in arguments.split()))
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_sync_of_a_mirror_answers_with_one_document_and_3_where_a_feed_is_not_there(tmp_path: Path) -> None:
    _feeds(tmp_path / "mirror")
    config = tmp_path / "feeds.yaml"
    config.write_text("schema: passmuster/sync@1\nfeeds:\n  - {name: m, path: mirror}\n  - {name: n, path: gone}\n")
    done = run("intel", "sync", config, "--store", tmp_path / "store", "--format", "json")
    assert done.returncode == 3
    document = json.loads(done.stdout)
    assert [(feed["name"], feed["state"]) for feed in document["feeds"]] == [("m", "read"), ("n", "failed")]
    assert document["import"]["added"] == 3
    assert "gone: is not there" in done.stderr
