"""The same controls as Polars expressions; only privileged roles are walked down the nested groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.entrant import Run
from benchmarks.tenant import NOW

_NOW = NOW.replace(tzinfo=None)


def from_memory(folder: Path, used: Mapping[str, Sequence[str]]) -> Run:
    """The used columns as data frames."""
    import polars as pl  # noqa: PLC0415 - only `make bench` installs it

    frames = {
        table: pl.read_parquet(folder / "tenant" / f"{table}.parquet", columns=list(columns)).lazy()
        for table, columns in used.items()
    }
    return lambda: _judge(frames)


def from_files(folder: Path) -> Run:
    """Scans of the files; Polars reads the columns it needs."""
    import polars as pl  # noqa: PLC0415 - only `make bench` installs it

    return lambda: _judge({path.stem: pl.scan_parquet(path) for path in sorted((folder / "tenant").glob("*.parquet"))})


def _judge(frames: Mapping[str, Any]) -> dict[str, int]:
    import polars as pl  # noqa: PLC0415 - only `make bench` installs it

    people, apps = frames["principals"], frames["apps"]
    privileged = frames["grants"].join(frames["roles"].filter("is_privileged"), on="role_id", how="semi")
    dormant = people.filter(pl.col("is_enabled") & (pl.col("last_sign_in_at") < _NOW - timedelta(days=90)))
    settings = frames["settings"]
    platform = settings.filter(pl.col("scope_kind") == "platform").select("key", expected="value_int")
    disabled = people.filter(~pl.col("is_enabled"))
    found = {
        "C1": privileged.filter(pl.col("subject_kind") == "principal")
        .join(dormant, left_on="subject_id", right_on="principal_id", how="semi")
        .select("subject_id")
        .unique(),
        "C3": frames["connections"]
        .join(
            frames["data_policy_rules"].filter(pl.col("rule_kind") == "connector"),
            left_on=["environment_id", "connector_id"],
            right_on=["policy_id", "ref_id"],
            how="anti",
        )
        .select("connection_id"),
        "C4": apps.filter(~pl.col("is_managed")).select("app_id"),
        "C5": frames["credentials"].filter(pl.col("created_at") < _NOW - timedelta(days=180)).select("credential_id"),
        "C6": apps.join(disabled, left_on="owner_principal_id", right_on="principal_id", how="semi").select("app_id"),
        "C7": settings.filter(pl.col("scope_kind") == "environment")
        .join(platform, on="key")
        .filter(pl.col("value_int") != pl.col("expected"))
        .select("scope_id", "key"),
    }
    counts = {name: len(frame.collect()) for name, frame in found.items()}
    counts["C2"] = _privileged_services(frames, privileged)
    return dict(sorted(counts.items()))


def _privileged_services(frames: Mapping[str, Any], privileged: Any) -> int:
    import polars as pl  # noqa: PLC0415 - only `make bench` installs it

    held = privileged.select("subject_kind", "subject_id", "role_id").unique().collect()
    front = held.filter(pl.col("subject_kind") == "group").select(group_id="subject_id", role_id="role_id")
    edges = frames["memberships"]
    nested = edges.filter(pl.col("member_kind") == "group").select("group_id", "member_id").collect()
    reached = front
    while len(front):
        front = (
            front.join(nested, on="group_id")
            .select(group_id="member_id", role_id="role_id")
            .unique()
            .join(reached, on=["group_id", "role_id"], how="anti")
        )
        reached = pl.concat([reached, front])
    by_group = (
        edges.filter(pl.col("member_kind") == "principal")
        .join(reached.lazy(), on="group_id")
        .select(principal_id="member_id", role_id="role_id")
    )
    to_people = held.lazy().filter(pl.col("subject_kind") == "principal")
    direct = to_people.select(principal_id="subject_id", role_id="role_id")
    pairs = pl.concat([by_group, direct]).unique()
    services = frames["principals"].filter(pl.col("kind") == "service").select("principal_id")
    return len(pairs.join(services, on="principal_id", how="semi").select("principal_id").unique().collect())
