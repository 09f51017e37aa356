from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from passmuster.documents.file_kinds import media_type_of
from passmuster.errors import UnreadableInput


def _zip(*names: str, first: tuple[str, str] | None = None) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        if first:
            archive.writestr(*first)
        for name in names:
            archive.writestr(name, "x")
    return held.getvalue()


def _workbook() -> bytes:
    held = io.BytesIO()
    openpyxl.Workbook().save(held)
    return held.getvalue()


_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("report.PDF", b"%PDF-1.7\n...", "application/pdf"),
        ("screen.png", b"\x89PNG\r\n\x1a\n....", "image/png"),
        ("photo.jpeg", b"\xff\xd8\xff\xe0....", "image/jpeg"),
        ("list.xlsx", _workbook(), _SHEET),
        (
            "text.odt",
            _zip(first=("mimetype", "application/vnd.oasis.opendocument.text")),
            "application/vnd.oasis.opendocument.text",
        ),
        ("many.zip", _zip("a.txt"), "application/zip"),
        ("run.log", "grün\n".encode(), "text/plain"),
        ("list.csv", b"\xef\xbb\xbfa,b\n1,2\n", "text/csv"),
        ("told.json", b'{"a": 1}', "application/json"),
        ("told.xml", b"<?xml version='1.0'?><report/>", "application/xml"),
        ("letter.eml", b"Subject: x\n\n" + b" " * 5000 + b"<html>", "message/rfc822"),
    ],
)
def test_a_file_is_what_its_content_says(tmp_path: Path, name: str, content: bytes, expected: str) -> None:
    (tmp_path / "file").write_bytes(content)
    assert media_type_of(tmp_path / "file", name) == expected


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.txt", b"", "is empty"),
        ("page.html", b"<!DOCTYPE html><html>", "no kind"),
        ("page.txt", b"  <!doctype HTML><script>alert(1)</script>", "web page"),
        ("drawing.xml", b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "web page"),
        ("late.xml", b"<a>" + b" " * (1 << 20) + b"<script>1</script></a>", "web page"),
        ("drawing.svg", b"<svg/>", "no kind"),
        ("tool.exe", b"MZ\x90\0", "no kind"),
        ("tool.txt", b"MZ\x90\0", "no text"),
        ("report.txt", b"%PDF-1.7", "name it *.pdf"),
        ("screen.pdf", b"\x89PNG\r\n\x1a\n", "name it *.png"),
        ("list.zip", _workbook(), "name it *.xlsx"),
        ("macro.xlsm", _zip("[Content_Types].xml", "xl/vbaProject.bin"), "holds macros"),
        ("macro.xlsx", _zip("[Content_Types].xml", "xl/vbaProject.bin"), "holds macros"),
        ("broken.zip", b"PK\x03\x04nothing", "damaged"),
        ("latin.csv", "grün".encode("latin-1"), "no UTF-8"),
        ("cut.txt", "grü".encode()[:-1], "no UTF-8"),
        ("told.json", b"{", "no JSON"),
    ],
)
def test_what_is_of_no_known_kind_or_belies_its_name_is_refused(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(UnreadableInput) as raised:
        media_type_of(tmp_path / "file", name)
    assert words in str(raised.value)
    assert str(raised.value).startswith(name)
