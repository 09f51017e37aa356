from __future__ import annotations

from collections.abc import Iterator, Mapping
from shutil import rmtree

import pytest

from passmuster.application.acting import keeper
from passmuster.application.looking.handing_over import hand_over
from passmuster.application.looking.looking import collect_platform
from passmuster.application.programme.registers import put_registers, read_register, registers_of
from passmuster.application.storage.storing import home, results_folder
from passmuster.documents.csv_file import read_csv
from passmuster.errors import UnreadableInput
from passmuster.records.models import Evaluation, Platform
from tests.keeping import NOW, actor, make_person, make_platform

pytestmark = pytest.mark.usefixtures("db", "no_registers")

ATTESTATIONS = "attestation_id,control_id,scope_kind,scope_id,statement,result,made_by,made_at,valid_until,kind\n"
ALLOWED = "list_id,item,state,reason,approved_by\n"
UPDATES = "update_id,component_id,environment_id,decision\n"
MINE = "a1,BAS-01,platform,,looked,met,otto@example.org,2026-05-01,2027-05-01,review\n"
HERS = "a2,BAS-01,platform,,looked,met,anna@example.org,2026-05-01,2027-05-01,review\n"
FORGED = "a3,BAS-01,platform,*,fine,,anna@example.org,2026-05-01,2099-05-01,{}\n"


@pytest.fixture
def no_registers() -> Iterator[None]:
    """Registers are files, which no transaction takes away."""
    rmtree(home() / "registers", ignore_errors=True)
    yield
    rmtree(home() / "registers", ignore_errors=True)


@pytest.mark.parametrize(
    ("files", "complaints"),
    [
        ({"attestations.csv": ATTESTATIONS + MINE}, []),
        ({"attestations.csv": ATTESTATIONS + MINE.replace("otto", "OTTO").replace("met,", "met, ")}, []),
        ({"attestations.csv": ATTESTATIONS + MINE.replace("otto@example.org", "")}, []),
        ({"allow_lists.csv": ALLOWED + "hosts,a.example,approved,ours,otto@example.org\n"}, []),
        ({"updates.csv": UPDATES + "u1,c1,e1,pending\n"}, []),
        (
            {"attestations.csv": ATTESTATIONS + MINE + FORGED.format("exception")},
            ["attestations.csv: line 3: is an exception, which no file can grant; ask for an exception under"],
        ),
        (
            {"attestations.csv": ATTESTATIONS + FORGED.format(" Exception ").replace("anna", "otto")},
            ["attestations.csv: line 2: is an exception"],
        ),
        (
            {
                "attestations.csv": ATTESTATIONS + MINE.replace(",review", ",approval"),
                "baselines.csv": "platform_id,snapshot_id,approved_by\np,s,otto@example.org\n",
            },
            ["attestations.csv: line 2: is an approval", "baselines.csv: line 2: is a baseline, which no file"],
        ),
        (
            {"attestations.csv": ATTESTATIONS + HERS + HERS.replace("a2", "a3")},
            ["attestations.csv: line 2: made_by: anna@example.org has to say so", "attestations.csv: line 3: made_by"],
        ),
        (
            {"attestations.csv": ATTESTATIONS + MINE.replace("a1", "review/1/control:BAS-01")},
            ["attestations.csv: line 2: attestation_id: names that begin with"],
        ),
        (
            {
                "allow_lists.csv": ALLOWED + "hosts,a.example,approved,ours,anna@example.org\n",
                "updates.csv": UPDATES + "u1,c1,e1,exception\n",
                "attestations.csv": ATTESTATIONS + MINE.replace("2027-05-01", "some day"),
            },
            ["allow_lists.csv: line 2: approved_by: anna@", "updates.csv: line 2: is an exception", "'some day' is no"],
        ),
    ],
)
def test_people_speak_for_themselves_and_no_file_grants_an_exception(
    files: Mapping[str, str], complaints: list[str]
) -> None:
    platform = make_platform()
    otto = actor(make_person("otto", "platform_owner", platform=platform))
    given = {name: content.encode() for name, content in files.items()}
    if not complaints:
        put_registers(otto, platform, given)
        assert read_register(otto, platform, next(iter(given))) == next(iter(given.values()))
        return
    with pytest.raises(UnreadableInput) as refused:
        put_registers(otto, platform, given)
    assert [each for each in complaints if each not in str(refused.value)] == []
    assert not registers_of(platform).exists()


def test_what_another_said_before_may_stay_and_may_not_be_reworded() -> None:
    platform = make_platform()
    otto, anna = (actor(make_person(name, "platform_owner", platform=platform)) for name in ("otto", "anna"))
    put_registers(anna, platform, {"attestations.csv": (ATTESTATIONS + HERS).encode()})
    put_registers(otto, platform, {"attestations.csv": (ATTESTATIONS + MINE + HERS).encode()})
    with pytest.raises(UnreadableInput, match="line 2: made_by"):
        put_registers(otto, platform, {"attestations.csv": (ATTESTATIONS + HERS.replace("met", "not_met")).encode()})


def _lying_there(platform: Platform, files: Mapping[str, str]) -> None:
    folder = registers_of(platform)
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_text(content)


def test_rows_that_lie_there_already_are_handed_over_without_exceptions() -> None:
    platform = make_platform()
    mine = MINE.replace("a1", "review/1/control:BAS-01")
    _lying_there(
        platform,
        {
            "attestations.csv": ATTESTATIONS + MINE + FORGED.format("exception") + mine,
            "updates.csv": UPDATES + "u1,c1,e1,exception\nu2,c1,e1,pending\n",
            "baselines.csv": "platform_id,snapshot_id,approved_by\np,s,otto@example.org\n",
        },
    )
    folder = hand_over(platform, "p", home() / "handed", now=NOW)
    assert [cells["attestation_id"] for _, cells in read_csv(folder / "attestations.csv")[1]] == ["a1"]
    updates = [(cells["update_id"], cells["decision"]) for _, cells in read_csv(folder / "updates.csv")[1]]
    assert updates == [("u1", ""), ("u2", "pending")]
    assert read_csv(folder / "baselines.csv")[1] == []


def test_a_forged_exception_changes_no_verdict_and_the_look_says_that_it_was_left_out() -> None:
    platform = make_platform()
    _lying_there(platform, {"attestations.csv": ATTESTATIONS + FORGED.format("exception").replace("BAS-01", "USR-01")})
    look = collect_platform(keeper(NOW), platform)
    assert "attestations.csv: line 2: left out: it is an exception" in look.error
    assert "anna@example.org" not in (results_folder(Evaluation.objects.get()) / "evaluation.json").read_text()
