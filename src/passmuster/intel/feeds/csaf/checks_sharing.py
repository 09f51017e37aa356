"""Tests of 2.1 on sharing groups (6.1.38 to 6.1.41)."""

from __future__ import annotations

from collections.abc import Iterator

from passmuster.intel.feeds.csaf.walk import Complaint, Csaf

_EVERYBODY = "ffffffff-ffff-ffff-ffff-ffffffffffff"
_NOBODY = "00000000-0000-0000-0000-000000000000"
_NAMES = {_EVERYBODY: "Public", _NOBODY: "No sharing allowed"}
_PLACE = "document.distribution.sharing_group"


def sharing_group(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.38 to 6.1.41: group, its name and the traffic light contradict each other."""
    distribution = csaf.document["distribution"]
    group = distribution.get("sharing_group")
    if group is None:
        return
    label, name = distribution["tlp"]["label"], group.get("name")
    if group["id"] == _EVERYBODY and label != "CLEAR":
        yield f"{_PLACE}.id", f"is that of everybody, the label is {label}; make the label CLEAR or name another group"
    if (
        label == "CLEAR"
        and group["id"] != _EVERYBODY
        and not (group["id"] == _NOBODY and csaf.tracking["status"] == "draft")
    ):
        yield f"{_PLACE}.id", f"the label CLEAR is for everybody; write {_EVERYBODY} or remove the group"
    if group["id"] in _NAMES and name != _NAMES[group["id"]]:
        yield f"{_PLACE}.name", f"must be {_NAMES[group['id']]!r} for this id"
    if group["id"] not in _NAMES and name in _NAMES.values():
        yield f"{_PLACE}.name", f"{name!r} is kept for another id; write the group's own name"
