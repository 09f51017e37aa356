"""Profiles, permission sets and groups from folders, in the shapes that real folders have."""

from __future__ import annotations

from pathlib import Path

import pytest

from passmuster.collect.connectors.salesforce.permissions import CAPABILITIES
from tests.collect.conformance import assert_conforms
from tests.collect.salesforce.folders import (
    NS,
    D,
    collect,
    collected,
    folder,
    holders,
    may,
    permission_set,
    profile,
    roles,
    rows,
    status,
    xml,
)

PLACES = {
    "source format": f"{D}/profiles/Loader.profile-meta.xml",
    "metadata format": "src/profiles/Loader.profile",
    "unpackaged": "unpackaged/profiles/Loader.profile",
    "a folder of one's own below profiles": f"{D}/profiles/sales/Loader.profile-meta.xml",
    "another package": "crm/main/default/profiles/Loader.profile-meta.xml",
    "another case": f"{D}/Profiles/Loader.Profile-meta.xml",
    "beside nothing": "Loader.profile-meta.xml",
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_profile_is_found_wherever_folders_keep_profiles(place: str, tmp_path: Path) -> None:
    result = collected(tmp_path, {place: profile("ModifyAllData", "AuthorApex")})
    assert roles(result, "profile") == {"profile/Loader"}
    assert holders(result, "ModifyAllData") == holders(result, "AuthorApex") == {"profile/Loader"}


def test_only_what_is_enabled_is_held(tmp_path: Path) -> None:
    body = may("ModifyAllData", enabled=False) + may("AuthorApex")
    result = collected(tmp_path, {f"{D}/profiles/A.profile-meta.xml": xml("Profile", body)})
    assert holders(result, "ModifyAllData") == set()
    assert holders(result, "AuthorApex") == {"profile/A"}


ODD = {
    "a byte-order mark": b"\xef\xbb\xbf" + profile("ModifyAllData").encode(),
    "carriage returns": profile("ModifyAllData").replace("\n", "\r\n").encode(),
    "no namespace": profile("ModifyAllData").replace(NS, "").encode(),
    "no declaration": profile("ModifyAllData").split("\n", 1)[1].encode(),
    "comments": profile("ModifyAllData").replace("</Profile>", "<!-- kept by hand --></Profile>").encode(),
    "space around values": profile(" ModifyAllData ").replace("true", " true ").encode(),
    "UTF-16": profile("ModifyAllData").replace("UTF-8", "UTF-16").encode("utf-16"),
    "the same twice": xml("Profile", may("ModifyAllData") + may("ModifyAllData")).encode(),
    "off and on": xml("Profile", may("ModifyAllData", enabled=False) + may("ModifyAllData")).encode(),
    "fields of a newer release": profile("ModifyAllData", more="<agentAccesses><x>1</x></agentAccesses>").encode(),
}


@pytest.mark.parametrize("content", ODD.values(), ids=ODD)
def test_odd_files_are_read_like_any_other(content: bytes, tmp_path: Path) -> None:
    result = collected(tmp_path, {f"{D}/profiles/A.profile-meta.xml": content})
    assert_conforms(result)
    assert holders(result, "ModifyAllData") == {"profile/A"}
    assert status(result, "roles") == "ok"


BROKEN = {
    "empty": b"",
    "blank": b"  \n",
    "cut short": profile("ModifyAllData").encode()[:-30],
    "a merge conflict": b"<<<<<<< HEAD\n" + profile("ModifyAllData").encode(),
    "a web page": b"<html><body>sign in</body></html>",
    "another type": permission_set("ModifyAllData").encode(),
    "an entity": b'<!DOCTYPE x [<!ENTITY e "v">]><Profile>&e;</Profile>',
    "Latin-1": '<?xml version="1.0" encoding="UTF-8"?><Profile><description>\xe9'.encode("latin-1"),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_one_broken_file_is_named_and_the_others_are_read(content: bytes, tmp_path: Path) -> None:
    result = collected(
        tmp_path,
        {f"{D}/profiles/Bad.profile-meta.xml": content, f"{D}/profiles/Good.profile-meta.xml": profile("AuthorApex")},
    )
    assert_conforms(result)
    assert status(result, "roles") == status(result, "role_permissions") == "partial"
    assert f"{D}/profiles/Bad.profile-meta.xml" in result.tables["roles"].reason
    assert "1 of 2 files could not be read" in " ".join(result.warnings)
    assert str(tmp_path) not in repr(result)
    assert holders(result, "AuthorApex") == {"profile/Good"}
    # What a broken file of profiles hides is nobody else's matter.
    assert status(result, "settings") == "unsupported"


def test_names_are_those_people_know(tmp_path: Path) -> None:
    result = collected(
        tmp_path,
        {
            "src/profiles/Work%2Ecom Only User.profile": profile("AuthorApex"),
            "src/profiles/Custom%3A Sales Profile.profile": profile("AuthorApex"),
            "src/profiles/Vente\u0301.profile": profile("AuthorApex"),
        },
    )
    assert roles(result, "profile") == {
        "profile/Work.com Only User",
        "profile/Custom: Sales Profile",
        "profile/Vent\u00e9",
    }


def test_a_profile_and_a_permission_set_of_one_name_are_two_roles(tmp_path: Path) -> None:
    result = collected(
        tmp_path,
        {
            f"{D}/profiles/Sales.profile-meta.xml": profile("ApiEnabled"),
            f"{D}/permissionsets/Sales.permissionset-meta.xml": permission_set("AuthorApex"),
        },
    )
    assert roles(result, "profile") | roles(result, "permission_set") == {"profile/Sales", "permissionset/Sales"}


def test_a_permission_set_taken_apart_is_put_together(tmp_path: Path) -> None:
    base = f"{D}/permissionsets/Ops"
    rights = "<objectPermissions><allowRead>true</allowRead><object>Account</object></objectPermissions>"
    result = collected(
        tmp_path,
        {
            f"{D}/profiles/A.profile-meta.xml": profile("ApiEnabled"),
            f"{base}/Ops.permissionset-meta.xml": xml("PermissionSet", "<label>Operations</label>"),
            f"{base}/Ops.userPermissions-meta.xml": xml("PermissionSet", may("ModifyAllData"), namespace=""),
            f"{base}/objectSettings/Account.objectSettings-meta.xml": xml("PermissionSet", rights, namespace=""),
        },
    )
    assert roles(result, "permission_set") == {"permissionset/Ops"}
    assert holders(result, "ModifyAllData") == {"permissionset/Ops"}
    (row,) = [row for row in rows(result, "role_permissions") if row["permission"] == "allowRead"]
    assert (row["resource_id"], row["capability"], row["row_scope"]) == ("Account", "read", "filtered")


def test_several_packages_of_one_project_add_up(tmp_path: Path) -> None:
    result = collected(
        tmp_path,
        {
            "sfdx-project.json": '{"packageDirectories": [{"path": "core"}, {"path": "./sales/"}]}',
            "core/profiles/A.profile-meta.xml": profile("AuthorApex"),
            "sales/profiles/A.profile-meta.xml": profile("ModifyAllData"),
        },
    )
    assert holders(result, "AuthorApex") == holders(result, "ModifyAllData") == {"profile/A"}


def test_packages_go_before_what_lies_elsewhere_and_both_are_told(tmp_path: Path) -> None:
    result = collected(
        tmp_path,
        {
            "sfdx-project.json": '{"packageDirectories": [{"path": "force-app"}]}',
            f"{D}/profiles/A.profile-meta.xml": profile("ApiEnabled"),
            "old/profiles/A.profile": profile("ModifyAllData"),
            "old/profiles/B.profile": profile("AuthorApex"),
        },
    )
    assert holders(result, "ModifyAllData") == set()
    assert roles(result, "profile") == {"profile/A", "profile/B"}
    told = " ".join(result.warnings)
    assert "1 files outside the package directories" in told
    assert "1 files lie outside" in told


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"packageDirectories": 3}', '{"packageDirectories": [{"path": "../x"}, 4]}']
)
def test_a_broken_project_file_hides_nothing(text: str, tmp_path: Path) -> None:
    result = collected(tmp_path, {"sfdx-project.json": text, f"{D}/profiles/A.profile-meta.xml": profile("AuthorApex")})
    assert roles(result, "profile") == {"profile/A"}


def test_what_tools_keep_for_themselves_is_left_alone(tmp_path: Path) -> None:
    kept = {
        f"{place}/profiles/{n}.profile-meta.xml": profile("ModifyAllData")
        for n, place in enumerate((".sfdx/orgs", ".git/x", "node_modules/y", "__MACOSX", ".sf"))
    }
    kept["profiles/._A.profile-meta.xml"] = "binary"
    result = collected(tmp_path, {**kept, f"{D}/profiles/A.profile-meta.xml": profile("ApiEnabled")})
    assert roles(result, "profile") == {"profile/A"}
    assert status(result, "roles") == "ok"


def test_ignore_files_hide_nothing_from_a_review(tmp_path: Path) -> None:
    result = collected(tmp_path, {".forceignore": "**/profiles/**", f"{D}/profiles/A.profile-meta.xml": profile("X")})
    assert roles(result, "profile") == {"profile/A"}


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    outside = folder(tmp_path / "outside", {"profiles/Secret.profile-meta.xml": profile("ModifyAllData")})
    inside = folder(tmp_path / "inside", {f"{D}/profiles/A.profile-meta.xml": profile("X")})
    (inside / "linked").symlink_to(outside)
    (inside / D / "profiles" / "B.profile-meta.xml").symlink_to(outside / "profiles" / "Secret.profile-meta.xml")
    assert roles(collect(inside), "profile") == {"profile/A"}


def test_a_profile_without_its_permissions_is_not_called_harmless(tmp_path: Path) -> None:
    result = collected(
        tmp_path,
        {
            f"{D}/profiles/Trimmed.profile-meta.xml": xml("Profile", "<custom>true</custom>"),
            f"{D}/profiles/Admin.profile-meta.xml": xml("Profile", "<custom>false</custom>"),
            f"{D}/profiles/Plain.profile-meta.xml": profile("RunReports"),
            f"{D}/permissionsets/Objects.permissionset-meta.xml": xml("PermissionSet", "<label>Objects</label>"),
        },
    )
    privileged = {row["role_id"]: row["is_privileged"] for row in rows(result, "roles")}
    assert privileged == {
        "profile/Trimmed": None,
        "profile/Admin": True,  # the standard administrator, whatever its file says
        "profile/Plain": False,
        "permissionset/Objects": False,  # a permission set always comes with what it gives
    }
    assert [gap.column for gap in result.tables["roles"].gaps] == ["is_privileged"]


GROUPED = {
    f"{D}/profiles/A.profile-meta.xml": profile("ApiEnabled"),
    f"{D}/permissionsets/Exports.permissionset-meta.xml": permission_set("DataExport", "RunReports"),
    f"{D}/permissionsets/Power.permissionset-meta.xml": permission_set("ModifyAllData"),
}


def group(*sets: str, muting: str = "") -> str:
    held = "".join(f"<permissionSets>{name}</permissionSets>" for name in sets)
    muted = f"<mutingPermissionSets>{muting}</mutingPermissionSets>" if muting else ""
    return xml("PermissionSetGroup", f"<label>Team</label>{held}{muted}")


def test_a_group_holds_its_sets(tmp_path: Path) -> None:
    result = collected(
        tmp_path, {**GROUPED, f"{D}/permissionsetgroups/Team.permissionsetgroup-meta.xml": group("Exports", "Power")}
    )
    assert {row["included_role_id"] for row in rows(result, "role_inclusions")} == {
        "permissionset/Exports",
        "permissionset/Power",
    }
    (team,) = [row for row in rows(result, "roles") if row["kind"] == "permission_set_group"]
    assert team["is_privileged"] is True


def test_what_a_group_mutes_it_does_not_give(tmp_path: Path) -> None:
    muting = {
        f"{D}/mutingpermissionsets/Mute.mutingpermissionset-meta.xml": xml("MutingPermissionSet", may("ModifyAllData"))
    }
    team = {f"{D}/permissionsetgroups/Team.permissionsetgroup-meta.xml": group("Exports", "Power", muting="Mute")}
    result = collected(tmp_path, {**GROUPED, **muting, **team})
    assert rows(result, "role_inclusions") == []
    assert holders(result, "ModifyAllData") == {"permissionset/Power"}
    assert holders(result, "DataExport") == {"permissionset/Exports", "permissionsetgroup/Team"}
    # A muting set is taken away, not held: it is no role.
    assert roles(result, "permission_set") == {"permissionset/Exports", "permissionset/Power"}


def test_a_group_with_a_set_that_is_not_there_is_not_called_harmless(tmp_path: Path) -> None:
    team = {f"{D}/permissionsetgroups/Team.permissionsetgroup-meta.xml": group("Exports", "ns__Hidden")}
    result = collected(tmp_path, {**GROUPED, **team})
    (row,) = [row for row in rows(result, "roles") if row["kind"] == "permission_set_group"]
    assert row["is_privileged"] is None
    assert "ns__Hidden" in " ".join(gap.reason for gap in result.tables["roles"].gaps)


def test_a_folder_without_profiles_says_that_some_are_missing(tmp_path: Path) -> None:
    result = collected(tmp_path, {f"{D}/permissionsets/A.permissionset-meta.xml": permission_set("AuthorApex")})
    assert status(result, "roles") == "partial"
    assert holders(result, "AuthorApex") == {"permissionset/A"}


def test_a_folder_of_something_else_is_an_error_in_every_table(tmp_path: Path) -> None:
    result = collected(tmp_path, {"README.md": "hello", "main.py": "print()", "certs/server.crt": "x"})
    assert_conforms(result)
    assert {gathered.status.value for gathered in result.tables.values()} == {"error"}


def test_capabilities_are_words_of_the_schema() -> None:
    from passmuster.snapshot.tables import TABLES  # noqa: PLC0415 - one use

    (column,) = [column for column in TABLES["role_permissions"].columns if column.name == "capability"]
    assert set(CAPABILITIES.values()) <= set(column.values)
