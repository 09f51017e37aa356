from __future__ import annotations

from pathlib import Path

import pytest

from passmuster.documents.xml_file import parse_xml, read_xml
from passmuster.errors import UnreadableInput

_LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]><a>&lol2;</a>"""


def test_tags_lose_their_namespace_and_keep_their_text() -> None:
    root = parse_xml(b'<Profile xmlns="http://soap.sforce.com/2006/04/metadata"><custom>true</custom></Profile>', "x")
    assert root.tag == "Profile"
    assert root.findtext("custom") == "true"


def test_a_byte_order_mark_and_utf_16_are_read(tmp_path: Path) -> None:
    for name, data in {
        "a": b"\xef\xbb\xbf<a>\xc3\xa4</a>",
        "b": '<?xml version="1.0"?><a>ä</a>'.encode("utf-16"),
    }.items():
        (tmp_path / name).write_bytes(data)
        assert read_xml(tmp_path / name).text == "ä"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (_LAUGHS, "document type"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "document type"),
        (b"<a><b></a>", "line 1, column 9: mismatched tag"),
        (b"<a><b>", "ends too early"),
        (b"", "ends too early"),
        (b"\x00\x01", "is not XML"),
        (b"<a>" * 200 + b"</a>" * 200, "nests deeper than 100"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "is not XML"),
    ],
)
def test_what_is_no_export_is_refused_with_the_place(data: bytes, words: str) -> None:
    with pytest.raises(UnreadableInput, match=r"^folder/it\.xml: ") as caught:
        parse_xml(data, "folder/it.xml")
    assert words in str(caught.value)


def test_a_file_that_is_not_there_or_too_large_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="no such file"):
        read_xml(tmp_path / "none.xml")
    with pytest.raises(UnreadableInput, match="is a folder"):
        read_xml(tmp_path)
    (tmp_path / "big.xml").write_bytes(b"<a>" + b" " * 2**20 + b"</a>")
    with pytest.raises(UnreadableInput, match="larger than the 1 MiB"):
        read_xml(tmp_path / "big.xml", max_bytes=2**20)
