"""Organisations over time, on whole records: no tie lost or doubled, and no step where two trusts become one."""

from collections import Counter
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from orgnet.config import Config, load_config
from orgnet.records.read import Records, read_records
from orgnet.records.restate import state
from orgnet.scenario import write_london_cancer
from orgnet.ties.internal import count_internal
from orgnet.ties.make import make_ties
from orgnet.ties.tiles import Held
from orgnet.vocabulary import Layer, OrganisationBasis, RecordKind
from tests.plain_internal import plain_counts
from tests.stages import Results, measured

ROOT = Path(__file__).parents[2]
MINISTERS = ROOT / ".." / "shared" / "data" / "ifg_ministers"
SUCCESSOR, PREDECESSOR = OrganisationBasis.CONSTANT_SUCCESSOR, OrganisationBasis.CONSTANT_PREDECESSOR
needs_ministers = pytest.mark.skipif(not MINISTERS.is_dir(), reason=f"no real records at {MINISTERS}")


def on_basis(config: Config, basis: OrganisationBasis, splits: list[dict[str, str]] | None = None) -> Config:
    said = config.model_dump(mode="json", exclude={"folder"}) | {
        "organisations": {"basis": basis, "splits": splits or []}
    }
    return Config.model_validate(said).model_copy(update={"folder": config.folder})


@pytest.fixture(scope="module")
def config() -> Config:
    return load_config(ROOT / "configs" / "ifg_ministers.yaml")


@pytest.fixture(scope="module")
def recorded(config) -> Records:
    return read_records(config)


@pytest.fixture(scope="module")
def names() -> dict[str, str]:
    return pd.read_csv(MINISTERS / "organisations.csv").set_index("org_id")["short_name"].to_dict()


@needs_ministers
class TestMinisters:
    """Sixty links between departments since 1981, as the Institute for Government has them."""

    def test_every_link_is_accounted_for(self, config, recorded):
        forward, backward = (state(recorded, on_basis(config, basis))[1] for basis in (SUCCESSOR, PREDECESSOR))
        assert forward.outcomes() == {"followed": 32, "split_off": 1, "ambiguous": 12, "functions_only": 15}
        assert (forward.links.num_rows, forward.restated, forward.ambiguous) == (60, 32, 7)
        assert backward.outcomes() == {"followed": 29, "ambiguous": 17, "functions_only": 14}
        assert (backward.links.num_rows, backward.restated, backward.ambiguous) == (60, 29, 9)

    def test_the_demergers_without_a_rule_are_listed(self, config, recorded, names):
        succession = state(recorded, on_basis(config, SUCCESSOR))[1]
        listed: dict[str, set[str]] = {}
        for link in succession.links.to_pylist():
            if link["outcome"] in ("ambiguous", "split_off"):
                what = f"{names[link['predecessor_id']]} {link['link_date'].year}"
                listed.setdefault(what, set()).add(names[link["successor_id"]])
        assert listed == {
            "DHSS 1988": {"DH", "DSS"},
            "FCO 1997": {"DfID"},
            "DETR 2001": {"Defra", "DTLR"},
            "DTLR 2002": {"DfT", "DPM"},
            "BERR 2008": {"DECC"},
            "DIUS 2009": {"BIS", "DCSF"},
            "BEIS 2023": {"DBT", "DESNZ"},
            "DfES 2007": {"DIUS"},  # it went on as DCSF, by its name
        }

    def test_a_rule_takes_one_off_the_list(self, config, recorded, names):
        code = {name: key for key, name in names.items()}
        rule = {"organisation": code["DETR"], "on": "2001-06-08", "goes_on_as": code["DTLR"]}
        _, succession = state(recorded, on_basis(config, SUCCESSOR, [rule]))
        assert succession.ambiguous == 6
        assert succession.outcomes()["ambiguous"] == 10 and succession.outcomes()["by_rule"] == 2
        # The Department of the Environment became DETR, and so now DTLR, which itself was split.
        stands = succession.pieces.stands_as[
            succession.pieces.organisation == recorded.organisations.index(code["DoEnv"])
        ]
        assert [recorded.organisations[number] for number in stands] == [code["DTLR"]]

    @pytest.mark.parametrize("basis", [SUCCESSOR, PREDECESSOR])
    def test_ties_are_carried_across_and_none_lost_or_doubled(self, config, recorded, basis):
        """The counting argument, day by day and spell by spell.

        A tie as recorded is a person with posts in two departments from one day to another. Cut it wherever one of the
        two begins to stand as another department. Each part is then a tie between what the two stand as, or, if that is
        one department, internal. So parts = restated ties + internal ones, as multisets of (person, the two, first day,
        day after); and so are the person-days under them.
        """
        restated, succession = state(recorded, on_basis(config, basis))
        before, after = (make_ties(records, config, config.calendar).joint_roles for records in (recorded, restated))
        external, internal = Counter(), Counter()
        for person, one, other, first, end in _spells(before):
            for start, stop, a, b in _parts(succession.pieces, one, other, first, end):
                (external if a != b else internal)[person, *sorted((a, b)), start, stop] += 1
        assert external == Counter(_spells(after))
        assert sum(external.values()) + sum(internal.values()) == len(before.source) == 492
        counted = count_internal(restated, config, config.calendar)
        assert counted.ties[Layer.JOINT_ROLES] == sum(internal.values()) == 17
        assert counted.joined == 0

        def days(spells: Counter) -> int:
            return sum((stop - start) * n for (*_, start, stop), n in spells.items())

        assert sum(end - first for *_, first, end in _spells(before)) == days(external) + days(internal)

    def test_posts_are_all_there(self, config, recorded):
        restated, _ = state(recorded, on_basis(config, SUCCESSOR))
        one, other = (records.tables[RecordKind.PEOPLE] for records in (recorded, restated))
        kept = ["person_id", "start", "end", "spell_id", "group"]
        assert sorted(map(str, one.select(kept).to_pylist())) == sorted(map(str, other.select(kept).to_pylist()))
        assert restated.tallies() == recorded.tallies()


def _spells(held: Held) -> list[tuple[int, int, int, int, int]]:
    columns = (held.person, held.source, held.target, held.first_day, held.end_day)
    return [tuple(row) for row in np.stack(columns, axis=1).tolist()]


def _parts(pieces, one, other, first, end):
    """A spell of two organisations, in the longest parts in which neither changes what it stands as."""
    begins = [pieces.from_day[pieces.organisation == each].tolist() for each in (one, other)]
    cuts = sorted({first, end, *(day for days in begins for day in days if first < day < end)})
    for start, stop in pairwise(cuts) if end > first else [(first, end)]:
        a, b = pieces.at(np.array([one, other]), np.array([start, start])).tolist()
        yield start, stop, a, b


# --- the scenario, in which ZP11 and ZP12 become ZP13 on 1 May 2017 --------------------------------------------

SEED, DAY = 1, "2017-05-01"
MERGED = ("ZP11", "ZP12")
Run = Callable[[str], Results]


def _renamed(folder: Path) -> None:
    """The variant's files, had the two trusts been called ZP13 all along."""
    sources = yaml.safe_load((folder / "london-cancer.yaml").read_text(encoding="utf-8"))["sources"]
    for kind, source in sources.items():
        path = folder / source["path"]
        frame = (
            pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, dtype=str, keep_default_na=False)
        )
        for field in frame.columns:
            if frame[field].astype(str).str.contains("ZP11|ZP12").any():
                frame[field] = frame[field].map(_called)
        if kind == "organisations":
            ours = frame["org_id"] == "ZP13"
            frame = pd.concat([frame[~ours], frame[ours].head(1).assign(valid_to="", successor_id="")])
        if kind == "coverage":
            kept = [name for name in frame.columns if name not in ("expected_n", "received_n")]
            frame = frame.astype({"expected_n": int, "received_n": int}).groupby(kept, as_index=False).sum()
        if kind == "joint_roles":
            frame = frame[frame["org_ids"].str.contains(";")]
        if path.suffix == ".parquet":
            frame.to_parquet(path)
        else:
            frame.to_csv(path, index=False)


def _called(names: str) -> str:
    return ";".join(dict.fromkeys("ZP13" if name in MERGED else name for name in names.split(";")))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The merger on a basis, or with other names all along ("renamed"), taken through to its tables; each once."""

    @cache
    def of(name: str) -> Results:
        folder = tmp_path_factory.mktemp("merger")
        path = write_london_cancer(folder, SEED, ["merger"])
        settings = yaml.safe_load(path.read_text(encoding="utf-8"))
        settings["uncertainty"] = {"replicates": 0}
        if name == "renamed":
            _renamed(folder)
            del settings["sources"]["organisation_links"]
        else:
            settings["organisations"] = {"basis": name}
        path.write_text(yaml.safe_dump(settings), encoding="utf-8")
        return measured(path)

    return of


def series(results: Results, metric: str, layer: str, node_set: str = "roster") -> pd.Series:
    """A metric of the network, by the slice's first day."""
    rows = results.tables["network_metrics"]
    rows = rows[(rows["metric"] == metric) & (rows["layer"] == layer) & (rows["node_set"] == node_set)]
    return rows.set_index(rows["slice_start"].astype(str))["value"].sort_index()


TABLES = [
    "organisation_metrics",
    "pair_metrics",
    "group_metrics",
    "network_metrics",
    "indicators",
    "kiviat",
    "typologies",
]


class TestMerger:
    @pytest.mark.parametrize("name", TABLES)
    def test_restated_is_as_if_they_had_been_one_all_along(self, run, name):
        found, expected = (
            run(basis).tables[name].reset_index(drop=True).astype(object).map(str)
            for basis in ("constant_successor", "renamed")
        )
        assert len(found) == len(expected)
        differing = (found != expected).any(axis=1)
        shown = pd.concat([found[differing].head(3), expected[differing].head(3)]).to_string()
        assert not differing.any(), f"{differing.sum()} rows, such as\n{shown}"

    def test_the_roster_has_a_step_only_as_recorded(self, run):
        recorded, restated = (
            run(basis).evidence.roster.present.sum(axis=0) for basis in ("as_recorded", "constant_successor")
        )
        starts = [str(part.start) for part in run("as_recorded").evidence.calendar.slices]
        before, after = recorded[[day < DAY for day in starts]], recorded[[day >= DAY for day in starts]]
        assert set(before) == {13} and set(after) == {12}
        assert set(restated) == {12}

    def test_ties_that_became_internal_are_counted(self, run):
        results = run("constant_successor")
        config, records = results.config, results.records
        recorded = make_ties(records.recorded, config, config.calendar)
        restated = results.ties
        internal = count_internal(records, config, config.calendar)
        for layer in (Layer.REFERRALS, Layer.REFERRALS_BACK):
            before, after = (
                sum(int(tiles.events.sum()) for tiles in ties.tiles if tiles.layer == layer)
                for ties in (recorded, restated)
            )
            assert before == after + internal.ties[layer]
        assert len(recorded.joint_roles.source) == (
            len(restated.joint_roles.source) + internal.ties[Layer.JOINT_ROLES] + internal.joined
        )
        assert internal.ties == plain_counts(records, config) | dict.fromkeys(
            (Layer.REFERRALS, Layer.REFERRALS_BACK, Layer.JOINT_ROLES), 0
        )
        assert (internal.ties[Layer.MEETINGS], internal.ties[Layer.MDT]) == (113, 90)

    @pytest.mark.parametrize(
        ("metric", "layer", "before", "after"),
        [
            ("avg_degree", "meetings", 12.0, 11.0),
            ("avg_degree", "referrals", 66 / 13, 60 / 12),
            ("density", "referrals", 66 / (13 * 12) / 2, 60 / (12 * 11) / 2),
            ("avg_degree", "joint_roles", 16 / 13, 16 / 12),
        ],
    )
    def test_series_have_a_step_at_the_merger_only_as_recorded(self, run, metric, layer, before, after):
        # The three slices that end with it, and the four that begin with it: nothing else happens in their windows.
        around = slice("2016-08-01", "2018-02-01")
        recorded, restated = (
            series(run(basis), metric, layer)[around] for basis in ("as_recorded", "constant_successor")
        )
        assert recorded.tolist() == pytest.approx([before] * 3 + [after] * 4)
        assert restated.tolist() == pytest.approx([after] * 7)

    def test_no_tie_of_the_two_is_lost(self, run):
        # Whom either was tied with, the whole is tied with, but for the two themselves.
        pairs = {basis: run(basis).tables["pair_metrics"] for basis in ("as_recorded", "constant_successor")}
        tied = {}
        for basis, table in pairs.items():
            rows = table[(table["layer"] == "referrals") & (table["slice_end"].astype(str) == DAY)]
            ends = rows[["organisation_id", "other_organisation_id"]].astype(str)
            tied[basis] = {tuple(_called(name) for name in row) for row in ends.itertuples(index=False)}
        assert tied["as_recorded"] == tied["constant_successor"]
        assert any("ZP13" in pair for pair in tied["constant_successor"])

    def test_as_recorded_nothing_is_internal(self, run):
        results = run("as_recorded")
        internal = count_internal(results.records, results.config, results.config.calendar)
        assert set(internal.ties.values()) == {0} and internal.joined == 0
