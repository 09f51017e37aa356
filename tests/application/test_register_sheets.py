from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from passmuster.application.access import NotAllowed
from passmuster.application.programme.registers import (
    kept_registers,
    read_register,
    take_in_registers_from,
    write_registers_to,
)
from passmuster.errors import UnreadableInput, UsageError
from passmuster.records.models import AuditEvent, Duty, Ownership, Person
from tests.keeping import NOW, actor, make_person, make_platform
from tests.web.api.house import caller

# Registers lie beside the database, and outlive it: each test has platforms of its own.
pytestmark = pytest.mark.usefixtures("db")

ALLOWED = [
    ["list_id", "item", "state", "reason", "approved_by", "expires_at"],
    ["hosts", "=danger()", "approved", "two\nlines", "otto@example.org", date(2026, 12, 31)],
    ["regions", "eu", "pending", None, None, datetime(2026, 12, 31, 17, 30)],  # noqa: DTZ001 - as a sheet holds it
]
OWNED = [["scope_kind", "scope_id", "owner", "deputy"], ["app", 17.0, "otto@example.org", None]]


def workbook(**sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for at, row in enumerate(rows, 1):
            for column, value in enumerate(row, 1):
                cell = sheet.cell(at, column, value)
                if isinstance(value, str):
                    cell.data_type = "s"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def files_in(folder: Path, **contents: bytes) -> list[tuple[str, Path]]:
    found = []
    for number, (name, content) in enumerate(contents.items()):
        stem, _, ending = name.rpartition("_")
        path = folder / f"{number}.{ending}"
        path.write_bytes(content)
        found.append((f"{stem}.{ending}", path))
    return found


def test_a_workbook_with_a_sheet_a_register_and_csv_files_come_in_together_and_out_the_same(tmp_path: Path) -> None:
    platform = make_platform("All in")
    otto = actor(make_person("otto", "platform_owner", platform=platform))
    book = workbook(**{"Allow lists": ALLOWED, "owners": OWNED})
    files = files_in(tmp_path, all_of_it_xlsx=book, updates_csv=b"update_id,component_id,environment_id\n")
    assert take_in_registers_from(otto, platform, files) == {"allow_lists": 2, "owners": 1, "updates": 0}
    kept = (read_register(otto, platform, "allow_lists") or b"").decode()
    assert "2026-12-31T17:30:00" in kept
    assert "'=danger()" in kept
    assert "app,17,otto@example.org," in (read_register(otto, platform, "owners") or b"").decode()
    out = tmp_path / "out.xlsx"
    write_registers_to(otto, platform, out)
    sheets = openpyxl.load_workbook(out)
    assert sheets.sheetnames == ["allow_lists", "owners", "updates"]
    assert sheets["allow_lists"]["B2"].value == "=danger()"
    assert sheets["allow_lists"]["B2"].data_type == "s"
    other = make_platform("All again")
    Duty.objects.create(person=Person.objects.get(), role="platform_owner", platform=other, created_at=NOW)
    otto = actor(Person.objects.get())
    take_in_registers_from(otto, other, [("again.xlsx", out)])
    for name in kept_registers(otto, platform):
        assert read_register(otto, other, name) == (read_register(otto, platform, name) or b"").replace(b"\r\n", b"\n")


@pytest.mark.parametrize(
    ("name", "sheets", "complaint"),
    [
        ("x.xlsx", {"Sheet1": OWNED}, "x.xlsx: sheet 'Sheet1' is no register; name each sheet"),
        ("owners.xlsx", {"owners": OWNED, "Notes": [["hello"]]}, "owners.xlsx: sheet 'Notes' is no register"),
        ("x.xlsx", {"owners": []}, "x.xlsx: has no rows"),
        (
            "x.xlsx",
            {"allow_lists": [*ALLOWED, ["hosts", "b", "who knows"]]},
            "x.xlsx: sheet 'allow_lists': row 4, column state: 'who knows' is none of",
        ),
        ("x.xlsx", {"owners": OWNED, "Owners ": OWNED}, "x.xlsx: the register owners is handed over twice"),
    ],
)
def test_what_is_wrong_with_a_workbook_is_told_by_sheet_and_row_and_nothing_changes(
    tmp_path: Path, name: str, sheets: dict[str, Any], complaint: str
) -> None:
    platform = make_platform("Wrong in")
    otto = actor(make_person("otto", "platform_owner", platform=platform))
    path = tmp_path / "0.xlsx"
    path.write_bytes(workbook(**sheets))
    with pytest.raises(UnreadableInput) as refused:
        take_in_registers_from(otto, platform, [(name, path)])
    assert complaint in str(refused.value)
    assert str(tmp_path) not in str(refused.value)
    assert kept_registers(otto, platform) == ()
    assert not AuditEvent.objects.filter(action="put_registers").exists()


def test_a_single_sheet_may_be_named_by_its_file_and_only_who_may_change_the_platform_hands_in(tmp_path: Path) -> None:
    platform = make_platform("One sheet")
    otto = actor(make_person("otto", "platform_owner", platform=platform))
    files = files_in(tmp_path, owners_xlsx=workbook(Sheet1=OWNED))
    with pytest.raises(NotAllowed):
        take_in_registers_from(actor(make_person("rita", "reviewer")), platform, files)
    assert take_in_registers_from(otto, platform, files) == {"owners": 1}
    spoken = files_in(tmp_path, **{"Allow lists_csv": b"list_id,item\n"})
    assert take_in_registers_from(otto, platform, spoken) == {"allow_lists": 0, "owners": 1}
    with pytest.raises(UnreadableInput, match=r"unheard\.csv: is no register"):
        take_in_registers_from(otto, platform, files_in(tmp_path, unheard_csv=b"a\n"))
    with pytest.raises(UsageError, match="no register"):
        write_registers_to(actor(make_person("ada", "auditor")), make_platform("Bare"), tmp_path / "o.xlsx")


def test_page_and_api_take_several_files_and_hand_them_out_as_a_workbook() -> None:
    platform = make_platform("By hand")
    otto = make_person("otto", "platform_owner", platform=platform)
    Ownership.objects.create(platform=platform, scope_kind="platform", owner=otto)
    page, api = Client(), caller(otto)
    page.force_login(otto)
    where = f"/settings/platforms/{platform.slug}"
    routes = f"/api/v1/platforms/{platform.slug}"
    assert page.get(f"{where}/registers.xlsx").status_code == 404
    assert api.get(f"{routes}/registers-workbook").status_code == 404

    def files() -> list[SimpleUploadedFile]:
        book = SimpleUploadedFile("both.xlsx", workbook(allow_lists=ALLOWED, owners=OWNED))
        return [book, SimpleUploadedFile("updates.csv", b"update_id,component_id,environment_id\n")]

    shown = page.post(f"{where}/registers", {"register": "owners", "file": files()}, follow=True).content.decode()
    assert "with more than one file" in shown
    page.post(f"{where}/registers", {"register": "", "file": files()})
    assert api.get(f"{routes}/registers").json() == ["allow_lists", "owners", "updates"]
    taken = api.post(f"{routes}/registers", {"file": files()})
    assert taken.json() == {"rows": {"allow_lists": 2, "owners": 1, "updates": 0}}
    odd = SimpleUploadedFile("owners.pdf", b"")
    assert "owners.pdf" in api.post(f"{routes}/registers", {"file": [odd]}).content.decode()
    for who, address in (
        (page, f"{where}/registers.xlsx"),
        (api, f"{routes}/registers-workbook"),
        (api, "/api/v1/owners/export?format=xlsx"),
        (page, "/settings/owners.xlsx"),
    ):
        answer = who.get(address)
        assert answer.status_code == 200, address
        assert ".xlsx" in answer["Content-Disposition"]
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert "xl/workbook.xml" in zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert api.get("/api/v1/owners/export").getvalue().startswith("\ufeffplatform,".encode())
    assert api.get("/api/v1/owners/export?format=odd").status_code == 422
