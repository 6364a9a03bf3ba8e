"""A slice measured by itself has the measures that it has among all the others: what makes taking them up sound."""

import random
from dataclasses import dataclass, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from orgnet.change.draws import Draws, add_organisations
from orgnet.change.kept_draws import arrays_of_draws, draws_made_from
from orgnet.errors import InputFault
from orgnet.indicators.confidence import prepare_draws, resample
from orgnet.made_from import key
from orgnet.metrics.conduct import observe
from orgnet.metrics.conduct_meetings import find_meetings
from orgnet.metrics.groups import GroupMeasures, measure_all
from orgnet.metrics.kept import arrays_of_graphs, arrays_of_groups, blocks_of_arrays, groups_of_arrays
from orgnet.metrics.kept_windows import arrays_of_windows, windows_made_from, windows_of_arrays
from orgnet.metrics.measure import measure_slices, slice_tasks
from orgnet.metrics.ratios import column_sums
from orgnet.metrics.reuse import graphs_made_from, groups_made_from
from orgnet.metrics.two_mode import measure_two_mode
from orgnet.metrics.window_counts import count_windows
from orgnet.records.seen import see
from orgnet.slices import SliceTies
from orgnet.ties.make import connect
from orgnet.work import Arrays
from tests.balance import long_after
from tests.networks import Network, Row, random_records, write

SOME = long_after(4, range(0, 20, 2))


def equal(one: Arrays, two: Arrays) -> bool:
    return one.keys() == two.keys() and all(
        np.array_equal(one[name], two[name], equal_nan=one[name].dtype.kind == "f") for name in one
    )


def layers_of(network: Network) -> list[list[SliceTies]]:
    """The ties of every slice."""
    return [list(layers.values()) for layers in network.slices]


def measured(network: Network, at: slice) -> GroupMeasures:
    """The measures of a run of slices."""
    ties = replace(network.ties, joint_roles=network.ties.joint_roles.during(at))
    cut = network.roster.during(at), network.coverage.during(at), network.config, network.calendar.part(at)
    return measure_all(ties, network.records, *cut)


def test_sums_do_not_depend_on_how_many_columns_there_are():
    """As NumPy's own do, in the last bit."""
    values = np.random.default_rng(1).random((2_000, 7)) ** 3
    alone = [column_sums(values[:, [at]])[0] for at in range(7)]
    assert column_sums(values).tolist() == alone
    assert column_sums(values[:, 2:5]).tolist() == alone[2:5]
    assert [values[:, [at]].sum(axis=0)[0] for at in range(7)] != values.sum(axis=0).tolist(), "what this is for"


@pytest.mark.parametrize("number", SOME)
def test_groups(networks_of_records, number):
    network = networks_of_records[number]
    whole = measured(network, slice(0, len(network.calendar)))
    every = [arrays_of_groups(whole, each) for each in range(len(network.calendar))]
    for each in range(len(network.calendar)):
        alone = measured(network, slice(each, each + 1))
        assert equal(arrays_of_groups(alone, 0), every[each]), each
    last = len(network.calendar)
    pair = measured(network, slice(max(0, last - 2), last))
    assert equal(arrays_of_groups(pair, len(range(max(0, last - 2), last)) - 1), every[-1])


def windows(network: Network, at: slice) -> dict[int, Arrays]:
    """What the windows of a run of slices show."""
    config, calendar, records, roster = network.config, network.calendar, network.records, network.roster
    presence = network.ties.presence
    with connect(records) as con:
        meetings = find_meetings(con, presence, roster)
    counts = count_windows(records, meetings, presence, config.ties, roster, calendar, at)
    two_mode = measure_two_mode(presence, records, roster, network.coverage, calendar, at)
    return {each: arrays_of_windows(counts, two_mode, each, at, roster) for each in range(at.start, at.stop)}


@pytest.mark.parametrize("number", SOME)
def test_windows(networks_of_records, number):
    network = networks_of_records[number]
    last = len(network.calendar)
    every = windows(network, slice(0, last))
    for each in range(last):
        assert equal(windows(network, slice(each, each + 1))[each], every[each]), each
    assert equal(windows(network, slice(max(0, last - 2), last))[last - 1], every[last - 1])


@pytest.mark.parametrize("number", SOME)
def test_windows_come_back_as_they_went(networks_of_records, number):
    network = networks_of_records[number]
    made, calendar, roster = windows(network, slice(0, len(network.calendar))), network.calendar, network.roster
    arrays = [made[each] for each in sorted(made)]
    counts, two_mode = windows_of_arrays(arrays, roster)
    at = slice(0, len(calendar))
    again = [arrays_of_windows(counts, two_mode, each, at, roster) for each in range(len(calendar))]
    assert all(equal(one, two) for one, two in zip(arrays, again, strict=True))
    plain = observe(network.records, network.ties, roster, calendar, 4)
    for name in vars(counts):
        for one, two in zip(flat(getattr(counts, name)), flat(getattr(plain, name)), strict=True):
            np.testing.assert_array_equal(one, two)


def flat(found: Any) -> list[Any]:
    """The arrays of some counts."""
    return list(vars(found).values()) if is_dataclass(found) else [found]


@pytest.mark.parametrize("number", SOME)
def test_groups_come_back_as_they_went(networks_of_records, number):
    network = networks_of_records[number]
    whole = measured(network, slice(0, len(network.calendar)))
    arrays = [arrays_of_groups(whole, each) for each in range(len(network.calendar))]
    again = groups_of_arrays(arrays, GroupMeasures(whole.groups, {}, people=whole.people))
    assert again.series.keys() == whole.series.keys() and again.network.keys() == whole.network.keys()
    for pair, found in whole.series.items():
        assert list(again.series[pair]) == list(found)
        for name, series in found.items():
            for mine, theirs in zip(vars(series).values(), vars(again.series[pair][name]).values(), strict=True):
                np.testing.assert_array_equal(mine, theirs)
    for pair, behind in whole.behind.items():
        for mine, theirs in zip(vars(behind).values(), vars(again.behind[pair]).values(), strict=True):
            np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("number", SOME)
def test_graphs_come_back_as_they_went(networks_of_records, number):
    network = networks_of_records[number]
    for task in slice_tasks(layers_of(network), network.records, network.roster, network.coverage):
        found = measure_slices([task])
        again = blocks_of_arrays(arrays_of_graphs(found), task.number, task.roster)
        for level in ("organisation", "network"):
            assert len(getattr(found, level)) == len(getattr(again, level))
            for one, two in zip(getattr(found, level), getattr(again, level), strict=True):
                assert (one.slice, one.layer, one.node_set) == (two.slice, two.layer, two.node_set)
                for name in ("entity", "other", "values", "status"):
                    np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


@pytest.mark.parametrize("number", long_after(2, range(0, 20, 5)))
def test_draws(networks_of_records, number):
    network = networks_of_records[number]
    config = network.config.model_copy(
        update={"uncertainty": network.config.uncertainty.model_copy(update={"replicates": 5})}
    )
    ties, records, roster, calendar = network.ties, network.records, network.roster, network.calendar
    conduct = observe(records, ties, roster, calendar, 4)
    prepared = prepare_draws(ties, conduct, records, roster, config, calendar)
    if prepared is None:
        pytest.skip("no attendance")
    whole = measured(network, slice(0, len(calendar)))
    every, draws = resample(prepared, config), Draws()
    add_organisations(whole, config, None, draws)
    for each in range(len(calendar)):
        part = replace(
            whole, evidence={}, stretches=[(slice(each, each + 1), measured(network, slice(each, each + 1)))]
        )
        alone, own = resample(prepared, config, [each]), Draws()
        add_organisations(part, config, [each], own)
        assert equal(arrays_of_draws(alone, own, each), arrays_of_draws(every, draws, each))


@dataclass(frozen=True)
class Slices:
    """Every slice of a network: by label and kind, what its measures lie under, and the measures."""

    keys: dict[str, dict[str, str]]
    measures: dict[str, dict[str, Arrays]]


def all_slices(network: Network) -> Slices:
    config, calendar, records = network.config, network.calendar, network.records
    cut = records, network.roster, network.coverage, config, calendar
    groups = groups_made_from(see(records), *cut)
    draws = draws_made_from(groups, records, config, calendar)
    tasks = slice_tasks(layers_of(network), records, network.roster, network.coverage)
    whole, drawn = measured(network, slice(0, len(calendar))), Draws()
    conduct = observe(records, network.ties, network.roster, calendar, 4)
    prepared = prepare_draws(network.ties, conduct, records, network.roster, config, calendar)
    assert prepared is not None
    replicates = resample(prepared, config)
    add_organisations(whole, config, None, drawn)
    made_from = {"groups": groups, "draws": draws, "graphs": graphs_made_from(tasks)}
    made_from["windows"] = windows_made_from(see(records), *cut)
    shown = windows(network, slice(0, len(calendar)))
    measures = {
        "groups": lambda number: arrays_of_groups(whole, number),
        "draws": lambda number: arrays_of_draws(replicates, drawn, number),
        "graphs": lambda number: arrays_of_graphs(measure_slices([tasks[number]])),
        "windows": lambda number: shown[number],
    }
    labels = [each.label for each in calendar.slices]
    return Slices(
        {label: {kind: key(kind, made_from[kind][at]) for kind in made_from} for at, label in enumerate(labels)},
        {label: {kind: of(at) for kind, of in measures.items()} for at, label in enumerate(labels)},
    )


KEY = "ab" * 32
DRAWS_OF = {"person_key": {"file": "network.key"}, "uncertainty": {"replicates": 3}}


def written(folder: Path, settings: dict[str, Any], rows: dict[str, list[Row]]) -> Network:
    folder.mkdir()
    (folder / "network.key").write_text(KEY)
    return Network(write(folder, settings | DRAWS_OF, rows), rows)


def altered(chance: random.Random, rows: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """The records with one row left out, or with one value of a row exchanged for another row's."""
    kind = chance.choice(["attendance"] * 3 + ["meetings", "people", "referrals", "joint_roles", "organisations"])
    if not rows[kind]:
        kind = "attendance"
    listed = [dict(row) for row in rows[kind]]
    row = chance.randrange(len(listed))
    own_key = {"meetings": "meeting_id", "people": "person_id", "organisations": "org_id"}.get(kind)
    field = chance.choice([name for name in listed[row] if name != own_key])
    other = listed[chance.randrange(len(listed))].get(field, "")
    if own_key is None and chance.random() < 0.5:
        del listed[row]
    else:
        listed[row][field] = other
    return {**rows, kind: listed}


@pytest.mark.parametrize("number", long_after(2, range(12)))
def test_what_has_an_equal_key_has_equal_measures(tmp_path, number):
    """Records altered at random: a slice that keeps its key keeps its measures, to the last bit."""
    chance = random.Random(number)
    drawn = random_records(number)
    before = all_slices(written(tmp_path / "before", *drawn))
    kept = changed = 0
    for turn in range(4):
        try:
            after = all_slices(written(tmp_path / f"after{turn}", drawn[0], altered(chance, drawn[1])))
        except InputFault:  # what was exchanged made no sense
            continue
        for label, keys in after.keys.items():
            for kind, found in keys.items():
                same = before.keys.get(label, {}).get(kind) == found
                kept, changed = kept + same, changed + (not same)
                if same:
                    assert equal(before.measures[label][kind], after.measures[label][kind]), (label, kind)
    assert kept + changed
