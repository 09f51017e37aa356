"""The store: every version kept, answers for the past whatever was imported when, nothing lost and nothing halved."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from passmuster.errors import OutputRefused, UnreadableInput
from passmuster.intel.history import history_of
from passmuster.intel.store.folder import create_store
from passmuster.intel.store.reading import Store
from passmuster.intel.tally import Tally
from tests.intel.making import NOW, Json, advisories, cve, day, kev, osv, take, write


def _history(store: Path, name: str, at: datetime = NOW) -> list[tuple[datetime, str, str, dict[str, object]]]:
    with closing(Store(store, as_of=at)) as opened:
        (advisory,) = opened.advisories([name])
        return [
            (c.seen_at, c.source, c.state, {each.field: each.after for each in c.changes})
            for c in history_of(opened, advisory)
        ]


def test_the_same_content_again_adds_nothing(tmp_path: Path, store: Path) -> None:
    paths = [
        write(tmp_path / "kev.json", kev({"CVE-2025-10001": "2026-01-10"})),
        write(tmp_path / "cve.json", cve()),
        write(tmp_path / "osv.json", osv(aliases=["CVE-2025-10001"])),
    ]
    assert take(store, *paths, at=day(0)).tally == Tally(added=3)
    before = sorted(path.name for path in store.rglob("*"))
    assert take(store, *paths, at=day(0)).tally == Tally()
    assert sorted(path.name for path in store.rglob("*")) == before
    assert take(store, *paths, at=day(5)).tally == Tally()
    assert [entry[0] for entry in _history(store, "CVE-2025-10001")] == [day(0)] * 3


def test_a_moved_due_date_and_a_withdrawn_entry_are_history_and_no_loss(tmp_path: Path, store: Path) -> None:
    name, other = "CVE-2025-10001", "CVE-2025-10002"
    lists = [
        kev({name: "2026-01-10", other: "2026-01-10"}, version="1"),
        kev({name: "2026-01-20", other: "2026-01-10"}, version="2"),
        kev({other: "2026-01-10"}, version="3"),
        kev({name: "2026-03-01", other: "2026-01-10"}, version="4"),
    ]
    tallies = [take(store, write(tmp_path / "kev.json", each), at=day(n)).tally for n, each in enumerate(lists)]
    assert tallies == [Tally(added=2), Tally(changed=1), Tally(withdrawn=1), Tally(added=1)]
    assert _history(store, name) == [
        (day(0), "kev:cisa-kev", "added", {}),
        (day(1), "kev:cisa-kev", "changed", {"kev.due_on": "2026-01-20"}),
        (day(2), "kev:cisa-kev", "withdrawn", {}),
        (day(3), "kev:cisa-kev", "added", {}),
    ]
    assert len(_history(store, other)) == 1
    due = [advisories(store, day(n))[name].kev for n in range(4)]
    assert [entry.due_on.isoformat() if entry and entry.due_on else None for entry in due] == [
        "2026-01-10",
        "2026-01-20",
        None,
        "2026-03-01",
    ]
    assert advisories(store, day(2))[name].is_withdrawn
    assert advisories(store, day(0) - timedelta(seconds=1)) == {}
    assert {each.learned_at for each in advisories(store).values()} == {day(0)}


@pytest.mark.parametrize("field", ["notes", "product", "knownRansomwareCampaignUse", "cwes", "somethingNew"])
def test_every_edit_of_an_entry_is_a_change(tmp_path: Path, store: Path, field: str) -> None:
    value = kev({"CVE-2025-10001": "2026-01-10", "CVE-2025-10002": "2026-01-10"})
    take(store, write(tmp_path / "kev.json", value), at=day(0))
    value["vulnerabilities"][1][field] = ["CWE-79"] if field == "cwes" else "edited"
    assert take(store, write(tmp_path / "kev.json", value), at=day(1)).tally == Tally(changed=1)


def _edits(catalogue: Json, chance: random.Random) -> list[Json]:
    """Days of a catalogue that grows, moves due dates, takes entries back and lists them again."""
    pool = catalogue["vulnerabilities"]
    current = {entry["cveID"]: dict(entry) for entry in pool[200:]}
    waiting = [dict(entry) for entry in pool[:200]]
    days = []
    for number in range(8):
        for _ in range(chance.randrange(4)):
            entry = waiting.pop()
            current[entry["cveID"]] = entry
        for name in chance.sample(sorted(current), chance.randrange(4)):
            current[name] = {**current[name], "dueDate": f"2026-0{chance.randrange(1, 9)}-11"}
        for name in chance.sample(sorted(current), chance.randrange(3)):
            waiting.append(current.pop(name))
        days.append({**catalogue, "catalogVersion": str(number), "vulnerabilities": list(current.values())})
        days[-1]["count"] = len(current)
    return days


@pytest.mark.parametrize(("seed", "is_shuffled"), [(0, False), (1, True), (2, True)])
def test_replayed_days_of_the_real_catalogue_give_exactly_what_was_done(
    data: Path, tmp_path: Path, seed: int, is_shuffled: bool
) -> None:
    chance = random.Random(seed)
    catalogue = json.loads((data / "kev" / "known_exploited_vulnerabilities.json").read_text())
    catalogue.pop("dateReleased")
    days = _edits(catalogue, chance)
    entries = [{entry["cveID"]: entry["dueDate"] for entry in each["vulnerabilities"]} for each in days]
    order = chance.sample(range(len(days)), len(days)) if is_shuffled else range(len(days))
    for number in order:
        tally = take(tmp_path / "s", write(tmp_path / "kev.json", days[number]), at=day(number)).tally
        if not is_shuffled and number:
            before, after = entries[number - 1], entries[number]
            assert tally == Tally(
                added=len(after.keys() - before.keys()),
                changed=sum(before[name] != after[name] for name in before.keys() & after.keys()),
                withdrawn=len(before.keys() - after.keys()),
            )
    for number, expected in enumerate(entries):
        known = advisories(tmp_path / "s", day(number))
        found = {name: str(each.kev.due_on) for name, each in known.items() if each.kev is not None}
        assert found == expected, number


def test_versions_imported_in_any_order_answer_for_their_day(tmp_path: Path, store: Path) -> None:
    versions = [osv(modified=f"2025-06-0{n + 1}T00:00:00Z", summary=f"text {n}") for n in range(4)]
    for number in (2, 0, 3, 1):
        take(store, write(tmp_path / "osv.json", versions[number]), at=day(number))
    for number in range(4):
        assert advisories(store, day(number))["GHSA-aaaa-bbbb-cccc"].title == f"text {number}"
    assert [entry[2] for entry in _history(store, "GHSA-aaaa-bbbb-cccc")] == ["added", "changed", "changed", "changed"]
    assert advisories(store)["GHSA-aaaa-bbbb-cccc"].learned_at == day(0)


def test_an_older_copy_of_a_record_is_no_news(tmp_path: Path, store: Path) -> None:
    new = write(tmp_path / "a" / "new.json", osv(modified="2025-06-02T00:00:00Z", summary="new"))
    old = write(tmp_path / "b" / "old.json", osv(modified="2025-06-01T00:00:00Z", summary="old"))
    assert take(store, new, old, at=day(0)).tally == Tally(added=1)
    assert take(store, old, new, at=day(1)).tally == Tally()
    assert advisories(store)["GHSA-aaaa-bbbb-cccc"].title == "new"


def test_an_older_list_than_one_that_is_known_changes_nothing_and_says_so(tmp_path: Path, store: Path) -> None:
    new = write(tmp_path / "1.json", kev({"CVE-2025-10001": "2026-01-10"}, released="2026-01-02T00:00:00Z"))
    old = write(tmp_path / "2.json", kev({"CVE-2025-10002": "2026-01-10"}, released="2026-01-01T00:00:00Z"))
    result = take(store, new, old, at=day(3))
    assert result.tally == Tally(added=1)
    assert [problem.code for problem in result.files[1].problems] == ["older_than_known"]
    assert list(advisories(store)) == ["CVE-2025-10001"]


def test_two_lists_of_one_import_are_taken_in_order(tmp_path: Path, store: Path) -> None:
    first = write(tmp_path / "1.json", kev({"CVE-2025-10001": "2026-01-10", "CVE-2025-10002": "2026-01-10"}))
    second = write(tmp_path / "2.json", kev({"CVE-2025-10002": "2026-01-11"}))
    assert take(store, first, second, at=day(0)).tally == Tally(added=2, changed=1, withdrawn=1)
    assert [name for name, each in advisories(store).items() if each.kev] == ["CVE-2025-10002"]


def test_a_rejected_record_counts_as_withdrawn(tmp_path: Path, store: Path) -> None:
    value = cve()
    take(store, write(tmp_path / "cve.json", value), at=day(0))
    value["cveMetadata"] |= {"state": "REJECTED", "dateUpdated": "2025-08-01T00:00:00Z"}
    value["containers"]["cna"] = {"rejectedReasons": [{"lang": "en", "value": "Not a flaw."}]}
    assert take(store, write(tmp_path / "cve.json", value), at=day(1)).tally == Tally(withdrawn=1)
    assert [advisories(store, day(n))["CVE-2025-10001"].is_withdrawn for n in (0, 1)] == [False, True]
    assert [entry[2] for entry in _history(store, "CVE-2025-10001")] == ["added", "withdrawn"]


def test_products_are_found_by_name_package_url_and_cpe_in_any_case(tmp_path: Path, store: Path) -> None:
    product = {"vendor": "Example", "product": "Builder", "cpes": ["cpe:2.3:a:example:builder_app:*:*:*:*:*:*:*:*"]}
    take(
        store,
        write(tmp_path / "cve.json", cve(affected=[product])),
        write(tmp_path / "osv.json", osv()),
        at=day(0),
    )
    with closing(Store(store, as_of=NOW)) as opened:
        assert opened.candidates(["BUILDER"]) == ["CVE-2025-10001", "GHSA-aaaa-bbbb-cccc"]
        assert opened.candidates(purls=["pkg:npm/Builder@1.2.3?arch=x"]) == ["GHSA-aaaa-bbbb-cccc"]
        assert opened.candidates(["example:builder_app"]) == ["CVE-2025-10001"]
        assert opened.candidates(["nothing"]) == []
        ranges = opened.range_table().to_pylist()
    told = {(r["advisory"], r["product"], r["status"], r["introduced"], r["fixed"]) for r in ranges}
    assert told == {
        ("CVE-2025-10001", "builder", None, None, None),
        ("GHSA-aaaa-bbbb-cccc", "builder", "affected", "0", "2.0.0"),
    }


def test_a_record_of_several_cves_belongs_to_each_and_makes_them_no_one(tmp_path: Path, store: Path) -> None:
    names = ["CVE-2025-10001", "CVE-2025-10002"]
    paths = [write(tmp_path / f"{name}.json", cve(name, title=name)) for name in names]
    take(store, *paths, write(tmp_path / "osv.json", osv("BIT-1", aliases=names)), at=day(0))
    assert {name: [r.id for r in each.records] for name, each in advisories(store).items()} == {
        name: [name, "BIT-1"] for name in names
    }
    (found,) = advisories(store, names=["cve-2025-10001"]).values()
    assert (found.id, found.aliases, found.title) == (names[0], ("BIT-1",), names[0])
    assert sorted(advisories(store, names=["bit-1"])) == names


def test_a_name_leads_over_aliases_to_all_that_speak_of_the_same(tmp_path: Path, store: Path) -> None:
    records = [osv("PYSEC-1", aliases=["GHSA-1"]), osv("GHSA-1", aliases=["CVE-2025-10001"]), cve("CVE-2025-10001")]
    take(store, *(write(tmp_path / f"{n}.json", each) for n, each in enumerate(records)), at=day(0))
    for name in ("PYSEC-1", "GHSA-1", "CVE-2025-10001"):
        (found,) = advisories(store, names=[name]).values()
        assert found.id == "CVE-2025-10001"
        assert {record.id for record in found.records} == {"PYSEC-1", "GHSA-1", "CVE-2025-10001"}


def test_a_folder_that_is_no_store_is_refused_and_left_alone(tmp_path: Path) -> None:
    full = tmp_path / "full"
    paper = write(full / "paper.json", {})
    with pytest.raises(OutputRefused, match=r"is no intel store .* name a new folder"):
        take(full, paper)
    with pytest.raises(UnreadableInput, match=r"is no intel store: it holds no store\.json"):
        advisories(full)
    with pytest.raises(UnreadableInput, match="there is no such store"):
        advisories(tmp_path / "nothing")
    assert [path.name for path in full.iterdir()] == ["paper.json"]


def test_an_altered_byte_is_found(tmp_path: Path, store: Path) -> None:
    take(store, write(tmp_path / "cve.json", cve()))
    path = next(store.rglob("records.parquet"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(UnreadableInput, match=r"records\.parquet: was altered since it was written"):
        advisories(store)
    path.unlink()
    with pytest.raises(UnreadableInput, match="is missing from the store"):
        advisories(store)


@pytest.mark.parametrize("gone", ["00000001", "00000002", "00000002/batch.json"])
def test_a_batch_that_was_taken_away_is_missed(gone: str, tmp_path: Path, store: Path) -> None:
    take(store, write(tmp_path / "cve.json", cve()), at=day(0))
    take(store, write(tmp_path / "osv.json", osv()), at=day(1))
    path = store / "batches" / gone
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    with pytest.raises(UnreadableInput, match=rf"{path.name}.* is missing from the store; restore it or import anew"):
        advisories(store)


def test_a_batch_from_another_store_is_no_batch_of_this(tmp_path: Path, store: Path) -> None:
    other = tmp_path / "other"
    for folder, name in ((store, "CVE-2025-10001"), (other, "CVE-2025-10002")):
        take(folder, write(tmp_path / "cve.json", cve(name)), at=day(0))
        take(folder, write(tmp_path / "osv.json", osv()), at=day(1))
    for number in ("00000002", "00000001"):
        shutil.rmtree(store / "batches" / number)
        shutil.copytree(other / "batches" / number, store / "batches" / number)
        with pytest.raises(UnreadableInput, match=r"batch\.json: was altered since it was written"):
            advisories(store)


def test_a_store_of_before_batches_were_counted_is_read_and_counted_from_then_on(tmp_path: Path, store: Path) -> None:
    take(store, write(tmp_path / "cve.json", cve()), at=day(0))
    (store / "store.json").write_text('{"schema": "passmuster/store@1"}\n')
    manifest = store / "batches" / "00000001" / "batch.json"
    manifest.write_text(json.dumps({k: v for k, v in json.loads(manifest.read_text()).items() if k != "previous"}))
    assert list(advisories(store)) == ["CVE-2025-10001"]
    take(store, write(tmp_path / "osv.json", osv()), at=day(1))
    assert json.loads((store / "store.json").read_text())["batches"] == 2


def test_a_batch_whose_counting_was_cut_short_counts(tmp_path: Path, store: Path) -> None:
    take(store, write(tmp_path / "cve.json", cve()), at=day(0))
    marker = (store / "store.json").read_text()
    take(store, write(tmp_path / "osv.json", osv()), at=day(1))
    (store / "store.json").write_text(marker)
    assert len(advisories(store)) == 2
    take(store, write(tmp_path / "b.json", osv("GHSA-zzzz-zzzz-zzzz")), at=day(2))
    assert len(advisories(store)) == 3


@pytest.mark.parametrize("name", ["batches", "batches/00000001", "store.json"])
def test_a_link_in_a_store_is_refused(name: str, tmp_path: Path, store: Path) -> None:
    take(store, write(tmp_path / "cve.json", cve()), at=day(0))
    (store / name).rename(tmp_path / "elsewhere")
    (store / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnreadableInput, match=f"{name}: is a link; put what it leads to in its place"):
        advisories(store)
    with pytest.raises(UnreadableInput, match="is a link"):
        take(store, write(tmp_path / "osv.json", osv()), at=day(1))


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"schema": 5}', '{"schema": "passmuster/store@1", "batches": "two"}', "\x00\x01"]
)
def test_a_damaged_marker_is_told_with_the_mend(text: str, tmp_path: Path, store: Path) -> None:
    take(store, write(tmp_path / "cve.json", cve()), at=day(0))
    (store / "store.json").write_text(text)
    with pytest.raises(UnreadableInput) as caught:
        advisories(store)
    mend = '; restore it from a backup, or write {"schema": "passmuster/store@1"} into it, which says no more than that'
    assert str(caught.value).startswith(f"{store / 'store.json'}: ")
    assert str(caught.value).endswith(mend)
    (store / "store.json").write_text('{"schema": "passmuster/store@1"}')
    assert list(advisories(store)) == ["CVE-2025-10001"]


def test_a_store_of_a_later_version_is_for_that_version(tmp_path: Path, store: Path) -> None:
    take(store, write(tmp_path / "cve.json", cve()), at=day(0))
    (store / "store.json").write_text('{"schema": "passmuster/store@2"}')
    with pytest.raises(UnreadableInput, match="use the version that wrote it"):
        advisories(store)


def test_a_path_with_pattern_characters_is_a_path(tmp_path: Path) -> None:
    store = tmp_path / "a[1]*?=x'y"
    take(store, write(tmp_path / "cve.json", cve()))
    assert list(advisories(store)) == ["CVE-2025-10001"]


_IMPORT = [sys.executable, "-m", "passmuster.cli.main", "intel", "import"]


def _half_written(store: Path) -> list[Path]:
    return list((store / "batches").glob(".*.partial"))


def test_an_import_that_is_killed_loses_nothing_that_was_confirmed(tmp_path: Path, store: Path) -> None:
    take(store, write(tmp_path / "cve.json", cve()), at=day(0))
    lines = tmp_path / "osv.jsonl"
    lines.write_text("".join(json.dumps(osv(f"GHSA-{n:04}-aaaa-aaaa")) + "\n" for n in range(30_000)))
    was_cut_short = False
    for wait_s in (0.0, 0.5, 1.5):
        process = subprocess.Popen([*_IMPORT, str(lines), "--store", str(store)], stdout=subprocess.DEVNULL)
        while process.poll() is None and not _half_written(store):
            time.sleep(0.01)
        time.sleep(wait_s)
        process.send_signal(signal.SIGKILL)
        is_killed = process.wait() != 0
        found = set(advisories(store, names=["CVE-2025-10001", "GHSA-0001-aaaa-aaaa"]))
        # Killed after the last step, it is all there; killed before, nothing of it is.
        assert found == {"CVE-2025-10001", "GHSA-0001-aaaa-aaaa"} or (is_killed and found == {"CVE-2025-10001"})
        was_cut_short |= is_killed and len(found) == 1 and bool(_half_written(store))
    assert was_cut_short
    result = take(store, write(tmp_path / "one.json", osv("GHSA-zzzz-zzzz-zzzz")))
    assert result.tally == Tally(added=1)
    assert not list(store.rglob("*.partial"))


def test_many_may_make_one_store_at_once(tmp_path: Path) -> None:
    together = threading.Barrier(8)

    def make(folder: Path) -> None:
        together.wait(120)
        create_store(folder)

    with ThreadPoolExecutor(8) as pool:
        for number in range(40):
            for done in [pool.submit(make, tmp_path / f"store{number}") for _ in range(8)]:
                done.result()
            assert advisories(tmp_path / f"store{number}") == {}


def test_imports_at_once_do_not_clash(tmp_path: Path, store: Path) -> None:
    def run(number: int) -> int:
        path = write(tmp_path / f"{number}.json", osv(f"GHSA-{number:04}-aaaa-aaaa"))
        shared = write(tmp_path / f"shared{number}.json", osv("GHSA-same-same-same"))
        done = subprocess.run(
            [*_IMPORT, str(path), str(shared), "--store", str(store), "--as-of", "2026-01-01"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stderr == ""
        return done.returncode

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(run, range(4))) == [0] * 4
    assert len(advisories(store)) == 5
    with closing(Store(store, as_of=NOW)) as opened:
        assert len(opened.versions(["osv:GHSA-same-same-same"])) == 1
