"""Partial results: kept whole or not at all, and taken up only if they are what they say they are."""

import os
import stat
from pathlib import Path

import numpy as np
import pytest

from orgnet.errors import StoreFault
from orgnet.made_from import Reuse, in_common, in_runs, key, runs_of, why_anew
from orgnet.partials import Partials, key_of
from orgnet.work import as_arrays, as_table, pick_up, put_down

ARRAYS = {
    "values": np.array([[1.5, np.nan, -0.0], [np.inf, 1e-300, 2.0]]),
    "status": np.array([3, -1], dtype=np.int8),
    "none": np.zeros((0, 4), dtype=np.int64),
    "flags": np.array([True, False, True]),
}
ONE, TWO = key_of("one"), key_of("two")


def same(one: dict[str, np.ndarray], two: dict[str, np.ndarray] | None) -> bool:
    """To the last bit."""
    if two is None or one.keys() != two.keys():
        return False
    return all(
        one[name].dtype == two[name].dtype
        and one[name].shape == two[name].shape
        and one[name].tobytes() == two[name].tobytes()
        for name in one
    )


@pytest.fixture
def partials(tmp_path) -> Partials:
    return Partials(str(tmp_path / "kept"))


def file_of(partials: Partials, name: str) -> Path:
    (found,) = Path(partials.folder).rglob(f"{name}.parquet")
    return found


@pytest.mark.parametrize("folder", ["{tmp}/kept", "file://{tmp}/kept", "memory://kept"])
def test_what_is_kept_is_taken_up_to_the_last_bit(tmp_path, folder):
    partials = Partials(folder.format(tmp=tmp_path))
    assert partials.take(ONE) is None
    partials.keep(ONE, ARRAYS)
    assert same(ARRAYS, partials.take(ONE))
    assert partials.unreadable == []


class TestDamage:
    """A damaged file is as good as none, and is counted."""

    @pytest.fixture
    def damaged(self, partials):
        def damage(content) -> Partials:
            partials.keep(ONE, ARRAYS)
            partials.keep(TWO, {"values": np.arange(3.0)})
            path = file_of(partials, ONE)
            path.write_bytes(content(path.read_bytes()))
            return partials

        return damage

    @pytest.mark.parametrize(
        "content",
        [
            lambda bytes_: os.urandom(len(bytes_)),
            lambda bytes_: bytes_[: len(bytes_) // 2],
            lambda bytes_: b"",
            lambda bytes_: b"PAR1" + b"\0" * 100 + b"PAR1",
        ],
        ids=["noise", "cut short", "empty", "hollow"],
    )
    def test_is_found(self, damaged, content):
        partials = damaged(content)
        assert partials.take(ONE) is None
        assert partials.unreadable == [ONE]
        assert partials.take(TWO) is not None

    def test_of_any_single_bit_is_found_or_does_no_harm(self, partials):
        partials.keep(ONE, ARRAYS)
        path = file_of(partials, ONE)
        whole = path.read_bytes()
        for place in range(0, len(whole), 7):
            spoilt = bytearray(whole)
            spoilt[place] ^= 1 << place % 8
            path.write_bytes(spoilt)
            found = partials.take(ONE)
            assert found is None or same(ARRAYS, found), place

    def test_a_file_under_another_key_is_found(self, partials):
        partials.keep(ONE, ARRAYS)
        partials.keep(TWO, {"values": np.arange(3.0)})
        file_of(partials, ONE).write_bytes(file_of(partials, TWO).read_bytes())
        assert partials.take(ONE) is None

    def test_is_mended_by_keeping_it_again(self, damaged):
        partials = damaged(lambda bytes_: b"")
        partials.keep(ONE, ARRAYS)
        assert same(ARRAYS, partials.take(ONE))


def test_only_what_is_wanted_stays(partials):
    partials.keep(ONE, ARRAYS)
    partials.keep(TWO, ARRAYS)
    half_written = Path(f"{file_of(partials, ONE)}.0123")
    half_written.write_bytes(b"")
    partials.write_note("last.json", "{}")
    assert partials.keep_only([TWO]) == 2
    assert partials.take(ONE) is None and partials.take(TWO) is not None
    assert not half_written.exists()
    assert partials.read_note("last.json") == "{}"


def test_what_cannot_be_written_is_not_kept(tmp_path):
    (tmp_path / "kept").write_text("a file, not a folder")
    partials = Partials(str(tmp_path / "kept"))
    partials.keep(ONE, ARRAYS)
    partials.write_note("last.json", "{}")
    assert partials.take(ONE) is None
    assert partials.read_note("last.json") == ""


def test_a_note_that_is_no_text_is_none(partials):
    partials.write_note("last.json", "x")
    (Path(partials.folder) / "last.json").write_bytes(b"\xff\xfe\x00")
    assert partials.read_note("last.json") == ""


def test_keys_tell_parts_apart():
    keys = [
        key_of("ab", "c"),
        key_of("a", "bc"),
        key_of("abc"),
        key_of(np.array([1, 2])),
        key_of(np.array([[1, 2]])),
        key_of(np.array([1.0, 2.0])),
        key_of(np.array([1, 2]).tobytes()),
    ]
    assert len(set(keys)) == len(keys)


def test_arrays_are_put_down_and_picked_up(tmp_path):
    address = put_down(str(tmp_path), "things", ARRAYS)
    assert same(ARRAYS, pick_up(address))
    assert same(ARRAYS, pick_up(put_down("memory://passing", "things", ARRAYS)))
    assert same(ARRAYS, as_arrays(as_table(ARRAYS)))


def test_where_nothing_can_be_put_down_it_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreFault, match="cannot be written to"):
        put_down(str(tmp_path / "file"), "things", ARRAYS)
    assert stat.S_ISREG((tmp_path / "file").stat().st_mode)


class TestReuse:
    LABELS = ("2015", "2016", "2017")

    def made_from(self, **other: str) -> list[dict[str, str]]:
        return [{"settings": "s" * 20, "attendance": f"{label}" * 5, **other} for label in self.LABELS]

    def test_a_first_run_makes_everything(self, partials):
        plan = Reuse(partials).plan("graphs", self.LABELS, self.made_from())
        assert plan.taken_up == {}
        assert plan.anew == dict.fromkeys(range(3), "not measured by the last run")
        assert runs_of(plan.anew) == [slice(0, 3)]

    @pytest.fixture
    def before(self, partials):
        reuse = Reuse(partials)
        plan = reuse.plan("graphs", self.LABELS, self.made_from())
        for each in plan.keys:
            partials.keep(each, ARRAYS)
        assert reuse.done() == 0
        return partials

    def test_a_second_run_takes_everything_up(self, before):
        plan = Reuse(before).plan("graphs", self.LABELS, self.made_from())
        assert sorted(plan.taken_up) == [0, 1, 2] and plan.anew == {}
        assert plan.told() == ["3 of 3 slices are taken up from an earlier run"]

    def test_it_says_what_has_changed(self, before):
        made_from = self.made_from()
        made_from[1]["attendance"] = "late rows"
        plan = Reuse(before).plan("graphs", self.LABELS, made_from)
        assert plan.anew == {1: "attendance"}
        assert plan.told()[1:] == ["measured anew: 1 slice, 2016: attendance"]

    def test_slices_that_are_asked_for_are_made_again(self, before):
        plan = Reuse(before, frozenset({2})).plan("graphs", self.LABELS, self.made_from())
        assert plan.anew == {2: "asked for"}

    def test_what_is_gone_is_told(self, before):
        before.keep_only([])
        plan = Reuse(before).plan("graphs", self.LABELS, self.made_from())
        assert set(plan.anew.values()) == {"what was kept of it is gone or damaged"}

    @pytest.mark.parametrize("note", ["", "{", "[]", '{"graphs": 1}', '{"graphs": []}'])
    def test_a_damaged_note_costs_the_reason_alone(self, before, note):
        before.write_note("last.json", note)
        made_from = self.made_from(settings="others" * 4)
        plan = Reuse(before).plan("graphs", self.LABELS, made_from)
        assert set(plan.anew.values()) == {"not measured by the last run"}

    def test_what_two_runs_have_no_use_for_is_let_go_of(self, before):
        for turn, gone in (("first", 0), ("second", 3), ("third", 3)):
            reuse = Reuse(before)
            plan = reuse.plan("graphs", self.LABELS, self.made_from(settings=turn * 4))
            for each in plan.keys:
                before.keep(each, ARRAYS)
            assert reuse.done() == gone, turn
        assert len(before.keys()) == 6

    def test_kinds_are_apart(self):
        assert key("graphs", {"a": "b"}) != key("draws", {"a": "b"})


def test_why_a_result_is_made_anew():
    assert why_anew({"a": "1", "b": "2"}, {"a": "1", "b": "3", "key": "k"}) == "b"
    assert why_anew({"a": "1"}, {"b": "1"}) == "a, b"


def test_runs_of_slices():
    assert runs_of([]) == []
    assert runs_of([3, 1, 2, 7]) == [slice(1, 4), slice(7, 8)]
    labels = ["a", "b", "c", "d"]
    assert list(in_runs(labels, {0: "x", 1: "x", 2: "y", 3: "x"})) == [
        "2 slices, a to b: x",
        "1 slice, c: y",
        "1 slice, d: x",
    ]


def test_what_is_told_of_several_kinds_alike_is_told_once():
    told = {"graphs": ["3 of 3", "none anew"], "groups": ["2 of 3"], "draws": ["3 of 3", "none anew"]}
    assert in_common(told) == ["graphs, draws: 3 of 3", "graphs, draws: none anew", "groups: 2 of 3"]
