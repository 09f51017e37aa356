"""People, owners and registers from sheets; the record and a review's evidence as files that verify offline."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import File, Query
from ninja.files import UploadedFile
from pydantic import BaseModel, StringConstraints

from passmuster.application.access import Action, may
from passmuster.application.evidence.bundling import bundle_review
from passmuster.application.people.people_in_bulk import import_people
from passmuster.application.programme.owners_in_bulk import (
    import_owners,
    owner_rows,
    owners_csv,
    require_look,
    write_owners_workbook,
)
from passmuster.application.programme.registers import (
    kept_registers,
    read_register,
    take_in_registers_from,
    write_registers_to,
)
from passmuster.application.record.auditing import keeper_signer
from passmuster.application.record.exporting import export_record
from passmuster.web.api.auth import ApiRequest, sight
from passmuster.web.api.downloads import BYTES, as_download
from passmuster.web.api.paging import refuse_unknown
from passmuster.web.api.programme import platform_shown
from passmuster.web.api.reviews import visible_reviews
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Id, Slug, Told
from passmuster.web.serving_files import written
from passmuster.web.uploading import all_uploaded, uploaded

bulk = Topic("in bulk")
TOPICS = (bulk,)


Register = Annotated[str, StringConstraints(pattern=r"^[a-z_]+$", max_length=64)]


class SheetFormat(StrEnum):
    """How rows are sent."""

    CSV = "csv"
    XLSX = "xlsx"


class SheetAsked(BaseModel):
    """As which kind of file."""

    format: SheetFormat = SheetFormat.CSV


class PeopleTaken(Told):
    """How many people are new, and how many were there."""

    added: int
    changed: int


class RowsTaken(Told):
    """How many rows, by platform or register."""

    rows: dict[str, int]


@bulk.does("/people/import", Action.MANAGE_PEOPLE, PeopleTaken)
def take_in_people(request: ApiRequest, file: File[UploadedFile]) -> Any:
    """People from a CSV or XLSX file, a row a duty; all of it or nothing."""
    with uploaded(request, "file", ".csv", ".xlsx") as path:
        added, changed = import_people(request.auth, path)
    return {"added": added, "changed": changed}


@bulk.does("/owners/import", Action.MANAGE_PLATFORM, RowsTaken)
def take_in_owners(request: ApiRequest, file: File[UploadedFile]) -> Any:
    """Owners from a CSV or XLSX file; things it does not name stay as they are."""
    with uploaded(request, "file", ".csv", ".xlsx") as path:
        return {"rows": import_owners(request.auth, path)}


@bulk.sends_file("/owners/export", Action.VIEW)
def read_owners(request: ApiRequest, asked: Query[SheetAsked]) -> Any:
    """Everybody who owns something on the platforms one sees, as a CSV file or workbook that can be taken in again."""
    refuse_unknown(request, SheetAsked.model_fields)
    if asked.format is SheetFormat.XLSX:
        require_look(request.auth)
        return written("owners.xlsx", lambda path: write_owners_workbook(path, owner_rows(request.auth)))
    content = owners_csv(owner_rows(request.auth)).encode("utf-8-sig")
    return as_download(HttpResponse(content, content_type=BYTES), "owners.csv")


@bulk.does("/platforms/{slug}/registers", Action.MANAGE_PLATFORM, RowsTaken)
def take_in_register(request: ApiRequest, slug: Slug, file: File[list[UploadedFile]]) -> Any:
    """Registers of a platform: CSV files named as their register (`allow_lists.csv`), workbooks with a sheet each.

    All of it or nothing. `rows` are those of all registers that are then kept.
    """
    platform = platform_shown(sight(request), slug)
    with all_uploaded(request, "file", ".csv", ".xlsx") as files:
        return {"rows": take_in_registers_from(request.auth, platform, files)}


@bulk.reads("/platforms/{slug}/registers", Action.VIEW, list[str])
def list_registers(request: ApiRequest, slug: Slug) -> Any:
    """The registers that were handed over for a platform."""
    return list(kept_registers(request.auth, platform_shown(request.auth, slug)))


@bulk.sends_file("/platforms/{slug}/registers-workbook", Action.VIEW)
def read_registers_workbook(request: ApiRequest, slug: Slug) -> Any:
    """All registers of a platform as one workbook, a sheet each, that can be taken in again."""
    platform = platform_shown(request.auth, slug)
    if not kept_registers(request.auth, platform):
        raise Http404
    return written(f"{slug}-registers.xlsx", lambda path: write_registers_to(request.auth, platform, path))


@bulk.sends_file("/platforms/{slug}/registers/{name}", Action.VIEW)
def read_one_register(request: ApiRequest, slug: Slug, name: Register) -> Any:
    """A register of a platform as it is kept."""
    content = read_register(request.auth, platform_shown(request.auth, slug), name)
    if content is None:
        raise Http404
    return as_download(HttpResponse(content, content_type=BYTES), f"{name}.csv")


@bulk.sends_file("/record/export", Action.EXPORT_RECORD)
def read_record(request: ApiRequest) -> Any:
    """The whole record as JSON lines that verify offline."""
    key = keeper_signer().public_key
    return written("record.jsonl", lambda path: export_record(request.auth, path, public_key=key))


@bulk.sends_file("/reviews/{pk}/evidence-bundle", Action.READ_EVIDENCE)
def read_bundle(request: ApiRequest, pk: Id) -> Any:
    """The evidence of a review as one signed file that verifies offline."""
    review = get_object_or_404(visible_reviews(sight(request)), pk=pk)
    if not may(request.auth, Action.READ_EVIDENCE, review.platform_id):
        raise Http404
    return written(f"review-{pk}-evidence.tar", lambda path: bundle_review(request.auth, pk, path, keeper_signer()))
