"""How large and how deep a document may be, and how its bytes become text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from passmuster.errors import UnreadableInput

MAX_BYTES = 256 * 1024 * 1024
MAX_DEPTH = 100
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read_text(path: Path, *, max_bytes: int = MAX_BYTES) -> str:
    """The text of a file, UTF-8 or by its byte-order mark; raises UnreadableInput that names the file and the mend."""
    return decode(read_bytes(path, max_bytes=max_bytes), str(path))


def read_bytes(path: Path, *, max_bytes: int = MAX_BYTES, mend: str = "hand over a smaller file") -> bytes:
    """All of a file; raises UnreadableInput that names it and what to do, `mend` where it is too large."""
    try:
        with path.open("rb") as stream:
            data = stream.read(max_bytes + 1)
    except FileNotFoundError:
        raise UnreadableInput(f"{path}: there is no such file; check the path") from None
    except IsADirectoryError:
        raise UnreadableInput(f"{path}: is a folder; name the file inside it") from None
    except OSError as error:
        raise UnreadableInput(f"{path}: cannot be read: {error.strerror}") from None
    if len(data) > max_bytes:
        raise UnreadableInput(f"{path}: is larger than the {_spell(max_bytes)} that are read; {mend}")
    return data


def _spell(size_bytes: int) -> str:
    return f"{size_bytes // 2**20} MiB" if size_bytes >= 2**20 else f"{size_bytes // 2**10} KiB"


def decode(data: bytes, where: str) -> str:
    """Bytes to text by the byte-order mark, else UTF-8; raises UnreadableInput naming the first bad byte."""
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), "utf-8")
    if encoding == "utf-8" and b"\0" in data[:4]:
        # Every text we read begins with an ASCII character; a zero beside it is the other half of UTF-16.
        raise UnreadableInput(f"{where}: looks like UTF-16 without its byte-order mark; save the file as UTF-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableInput(
            f"{where}: byte {error.start} is not {encoding}; save the file as UTF-8 and try again"
        ) from None


def depth_of(value: Any, *, stop_at: int = MAX_DEPTH) -> int:
    """How deep lists and mappings nest, without recursion; stops counting just past `stop_at`."""
    depth, level = 0, [value]
    while level and depth <= stop_at:
        level = [
            child
            for item in level
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
        depth += 1
    return depth
