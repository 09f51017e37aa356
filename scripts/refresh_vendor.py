"""Fetch the scripts and styles of the pages anew: `python scripts/refresh_vendor.py` (needs npm; nothing else does).

Versions stand in PINNED; the files, their licences and their digests land in `src/passmuster/web/static/vendor/`, and
beside each script and style the same packed by gzip, which is what browsers are sent. With `--pack` these alone are
made anew. With `--check` nothing is fetched: the files there are held against the digests written down beside them, and
the packed ones against the others.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "src" / "passmuster" / "web" / "static" / "vendor"
PINNED = {"@tabler/core": "1.6.1", "htmx.org": "2.0.11", "echarts": "6.1.0"}
FILES = {
    "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "htmx.LICENSE.txt": "htmx.org/LICENSE",
    "echarts.common.min.js": "echarts/dist/echarts.common.min.js",
    "echarts.LICENSE.txt": "echarts/LICENSE",
    "echarts.NOTICE.txt": "echarts/NOTICE",
    "echarts.d3.LICENSE.txt": "echarts/licenses/LICENSE-d3",
}
# A map beside the file is not shipped, and a browser that looks for it would only complain.
_MAP = re.compile(rb"\n?(/\*|//)# sourceMappingURL=[^\n]*\s*$")
_LINE = re.compile(r"^\| `(?P<file>[^`]+)` \| [^|]* \| `(?P<digest>[0-9a-f]{64})` \|$", re.MULTILINE)


def fetch() -> None:
    """Install the pinned packages in a folder of their own, running nothing of theirs, and copy the files."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = [f"{name}@{version}" for name, version in PINNED.items()]
        npm = shutil.which("npm")
        if npm is None:
            sys.exit("npm is needed to fetch the files anew")
        command = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder, *wanted]
        subprocess.run(command, check=True)  # noqa: S603 - the arguments stand above
        for name, source in FILES.items():
            content = (Path(folder) / "node_modules" / source).read_bytes()
            (VENDOR / name).write_bytes(_MAP.sub(b"\n", content))
    pack()


def pack() -> None:
    """Write each script and style packed beside itself, and all digests."""
    for path in _packable():
        # No time in it: the same file packs to the same bytes.
        _packed(path).write_bytes(gzip.compress(path.read_bytes(), mtime=0))
    readme = VENDOR / "README.md"
    readme.write_text(_with_digests(readme.read_text(encoding="utf-8")), encoding="utf-8")


def complaints() -> list[str]:
    """What differs from the digests written down."""
    told = {found["file"]: found["digest"] for found in _LINE.finditer((VENDOR / "README.md").read_text("utf-8"))}
    here = {path.name: _digest(path) for path in sorted(VENDOR.iterdir()) if path.name != "README.md"}
    differing = [name for name in sorted(told.keys() | here.keys()) if told.get(name) != here.get(name)]
    stale = [path.name for path in _packable() if not _is_packed(path)]
    return [
        *(f"{name}: not as written down" for name in differing),
        *(f"{name}: not what is packed beside it; run this script with --pack" for name in stale),
    ]


def _packable() -> list[Path]:
    return sorted(path for path in VENDOR.iterdir() if path.suffix in {".css", ".js"})


def _packed(path: Path) -> Path:
    return path.with_name(f"{path.name}.gz")


def _is_packed(path: Path) -> bool:
    return _packed(path).is_file() and gzip.decompress(_packed(path).read_bytes()) == path.read_bytes()


def _with_digests(text: str) -> str:
    head = text.partition("| file |")[0]
    packages = {name: source.split("/dist/")[0].split("/LICENSE")[0] for name, source in FILES.items()}
    rows = [
        f"| `{path.name}` | {_package(packages.get(path.name.removesuffix('.gz'), ''))} | `{_digest(path)}` |"
        for path in sorted(VENDOR.iterdir())
        if path.name != "README.md"
    ]
    return head + "\n".join(["| file | from | sha256 |", "|---|---|---|", *rows, ""])


def _package(source: str) -> str:
    name = next((name for name in PINNED if source.startswith(name)), "@tabler/core")
    return f"{name} {PINNED[name]}"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        found = complaints()
        sys.exit("\n".join(found) if found else 0)
    pack() if "--pack" in sys.argv[1:] else fetch()
