"""A sealed review: all it rests on in one folder, by digest, so that it can be made again and any change shows."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from passmuster.controls.catalogue import find_pack
from passmuster.documents.atomic import new_folder
from passmuster.documents.json_file import read_json
from passmuster.pipeline.evaluating import prepare_judging
from passmuster.pipeline.following import digest_file
from passmuster.pipeline.reviewing import Review, review

REPORT = "report"
# What the records tell of the review, where the keeper seals one.
REVIEW = "review.json"
_MADE_AGAIN = ("evaluation.json", "drift.json", "findings.csv", "report.html")


@dataclass(frozen=True)
class Sealing:
    """What goes into the folder. `against` is an earlier sealed report, or a snapshot, to compare with."""

    snapshot: Path
    packs: Sequence[str]
    registers: Path
    as_of: datetime
    against: Path | None
    documents: Mapping[str, Any]


def seal_folder(sealing: Sealing, out: Path) -> dict[str, str]:
    """Write report, registers, packs and documents into the new folder `out`; returns digests by file name."""
    with new_folder(out) as scratch:
        shutil.copytree(sealing.registers, scratch / "registers")
        names = []
        for name in sealing.packs:
            pack = find_pack(name)
            shutil.copytree(pack.folder, scratch / "packs" / pack.id)
            names.append(pack.id)
        base = None
        if sealing.against is not None:
            base = scratch / "base"
            shutil.copytree(sealing.against, base)
        for name, document in sealing.documents.items():
            (scratch / name).write_bytes(spell_document(document))
        _report(scratch, sealing.snapshot, names, sealing.as_of, scratch / REPORT)
        return digests_of(scratch)


def spell_document(document: Any) -> bytes:
    """The one way a sealed document is written."""
    return (json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def digests_of(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file below, by its name relative to the folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): digest_file(path) for path in files}


def digest_of_all(files: Mapping[str, str]) -> str:
    """One digest over the names and digests of all files."""
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(files.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def altered_files(folder: Path, sealed: Mapping[str, str]) -> list[str]:
    """What differs from the sealed digests, a line each; empty where nothing does."""
    if not folder.is_dir():
        return [f"{folder.name}: the whole folder is missing"]
    now = digests_of(folder)
    return [
        *(f"{name}: is missing" for name in sorted(set(sealed) - set(now))),
        *(f"{name}: was added" for name in sorted(set(now) - set(sealed))),
        *(f"{name}: was altered" for name in sorted(set(sealed) & set(now)) if sealed[name] != now[name]),
    ]


def make_again(folder: Path, packs: Sequence[str], as_of: datetime, out: Path) -> list[str]:
    """Make the sealed report again from what is kept, in the new folder `out`; returns the files that differ."""
    _report(folder, folder / REPORT / "snapshot", packs, as_of, out)
    return [name for name in _MADE_AGAIN if digest_file(folder / REPORT / name) != digest_file(out / name)]


def _report(folder: Path, snapshot: Path, packs: Sequence[str], as_of: datetime, out: Path) -> None:
    """By the packs, registers and scope that lie in the folder, never by those of today."""
    judging = prepare_judging(
        [str(folder / "packs" / name) for name in packs], registers=folder / "registers", as_of=as_of
    )
    base = folder / "base"
    against = base if base.is_dir() else None
    job = Review(judging, snapshot=snapshot, against=against, made_at=as_of, left_out=_left_out(folder / REVIEW))
    review(job, out)


def _left_out(document: Path) -> tuple[tuple[str, str], ...]:
    """What the review's scope leaves out, by rule and by people, and why; nothing where there is no such document."""
    scope = read_json(document).get("scope", {}) if document.is_file() else {}
    return tuple((each["what"], each["why"]) for name in ("left", "out") for each in scope.get(name, ()))
