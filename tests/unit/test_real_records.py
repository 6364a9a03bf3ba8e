"""Records that nobody here made, read with the configurations that ship, against the figures of their publishers."""

from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from orgnet.config import load_config
from orgnet.ties.copresence import listed_pairs
from orgnet.vocabulary import Indicator, Layer, RecordKind
from tests.networks import Network
from tests.stages import measured

ROOT = Path(__file__).parents[2]
DATA = ROOT / ".." / "shared" / "data"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no real records at {DATA}")


def configured(name: str) -> Network:
    return Network(load_config(ROOT / "configs" / f"{name}.yaml"), {})


@pytest.fixture(scope="module")
def ministers() -> Network:
    return configured("ifg_ministers")


@pytest.fixture(scope="module")
def transfers() -> Network:
    # The whole period as one slice.
    config = load_config(ROOT / "configs" / "kings_transfers.yaml")
    slices = config.slices.model_copy(update={"every": "2 years", "window": "2 years"})
    return Network(config.model_copy(update={"slices": slices}), {})


@pytest.fixture(scope="module")
def sessions() -> Network:
    return configured("unfccc_meetings")


@pytest.fixture(scope="module")
def contacts() -> Network:
    return configured("workplace_contacts")


class TestMinisters:
    """Appointments to the government of the United Kingdom since 1979 (Institute for Government)."""

    def test_every_appointment_is_read_and_used_or_put_aside(self, ministers):
        records = ministers.records
        assert records.read[RecordKind.PEOPLE] == 3667
        used = records.tables[RecordKind.PEOPLE].num_rows
        assert used + sum(records.rejected_counts()["people"].values()) == 3667
        # Two appointments end before they begin.
        assert records.rejected_counts() == {"people": {"end_before_start": 2}}
        assert len(records.organisations) == 69
        assert records.n_people == 1149

    def test_appointments_held_at_once_in_two_departments(self, ministers):
        counts = ministers.ties.joint_role_counts
        assert (counts.overlapping_posts, counts.people, counts.organisation_pairs) == (492, 268, 204)
        assert counts.stated == 0

    def test_open_ended_posts_stay_open(self, ministers):
        people = ministers.records.tables[RecordKind.PEOPLE]
        still_open = np.asarray(pc.is_null(people.column("end")))
        assert still_open.sum() == 147
        # Whoever holds one is on the roster of the last slice, and of every slice from the one it begins in.
        last = len(ministers.calendar) - 1
        members = {
            int(person): posts.members[row]
            for posts in ministers.posts
            for row, person in enumerate(posts.people)
            if posts.members[row, last]
        }
        holders = people.filter(still_open)
        first, _ = ministers.calendar.held_at_end(
            np.asarray(holders.column("start").cast("int32")).astype(np.int64), np.full(147, 10**6)
        )
        assert (first <= last).any()
        for person, begins in zip(holders.column("person_id").to_pylist(), first.tolist(), strict=True):
            if begins <= last:
                assert members[person][begins:].all()

    def test_departments_are_there_while_they_exist(self, ministers):
        # Fewer than ever were, as departments merge and close; never none.
        there = ministers.roster.present.sum(axis=0)
        assert 0 < there.min() < there.max() < 69


class TestTransfers:
    """Transfers of patients between the wards of King's College Hospital (Bean et al. 2017)."""

    def test_every_row_is_used_or_put_aside(self, transfers):
        records = transfers.records
        assert records.read[RecordKind.REFERRALS] == 31_338
        assert records.rejected.num_rows == 0
        assert pc.sum(records.tables[RecordKind.REFERRALS].column("n")).as_py() == 195_257
        assert len(records.organisations) == 80

    def test_every_transfer_is_a_tie(self, transfers):
        ties = transfers.slices[0][Layer.REFERRALS]
        assert len(transfers.slices) == 1
        assert len(ties) == 2_193
        assert ties.events.sum() == 195_257
        assert ties.weight.sum() == 195_257
        assert len(transfers.slices[0][Layer.REFERRALS_BACK]) == 0

    def test_each_pair_has_the_transfers_of_the_file(self, transfers):
        rows = pq.read_table(DATA / "kings_transfers" / "transfers_weekly.parquet").to_pylist()
        expected: Counter[str] = Counter()
        for row in rows:
            expected[f"{row['from_org']} {row['to_org']}"] += row["transfers"]
        assert transfers.weights("referrals") == expected

    def test_sinks_are_no_providers(self, transfers):
        providers = transfers.roster.provider[:, 0]
        sinks = [name for name, is_one in zip(transfers.roster.names, providers, strict=True) if not is_one]
        assert sinks
        assert all("ExitHospital" in name or "Medihome" in name for name in sinks)


class TestSessions:
    """Attendance at the sessions that led to the UN climate convention (Blinova, Emuru & Bagozzi)."""

    def test_attendances_meetings_and_delegations(self, sessions):
        records = sessions.records
        assert records.read[RecordKind.ATTENDANCE] == 7_830
        assert records.tables[RecordKind.MEETINGS].num_rows == 11
        assert len(records.organisations) == 610
        used = records.tables[RecordKind.ATTENDANCE].num_rows
        assert used + sum(records.rejected_counts()["attendance"].values()) == 7_830

    def test_delegations_come_in_five_groups(self, sessions):
        groups = sessions.records.tables[RecordKind.PEOPLE].column("group")
        assert set(groups.to_pylist()) == set(sessions.config.professional_groups)
        assert len(sessions.config.professional_groups) == 5
        assert all(len(posts.people) for posts in sessions.posts)


class TestContacts:
    """Face-to-face contacts in an office over ten days (SocioPatterns InVS15; figures of Génois & Barrat 2018)."""

    def test_everyone_is_there(self, contacts):
        assert contacts.records.n_people == 232
        assert contacts.records.tables[RecordKind.MEETINGS].num_rows == 33_751
        assert contacts.records.tables[RecordKind.ATTENDANCE].num_rows == 2 * 33_751
        assert len(contacts.records.organisations) == 12
        assert not contacts.ties.presence.nominal.any()

    def test_daily_degree_and_density_are_as_published(self, contacts):
        # Everyone who met somebody, also within a department; who was absent on a day stays a node of it.
        presence = contacts.ties.presence
        met: dict[int, set[tuple[int, int]]] = {}
        left, right = listed_pairs(presence.meeting)
        ends = np.sort(np.stack([presence.person[left], presence.person[right]]), axis=0)
        for day, one, two in zip(presence.day[left].tolist(), *ends.tolist(), strict=True):
            met.setdefault(day, set()).add((one, two))
        n = 232
        degree = [2 * len(pairs) / n for pairs in met.values()]
        assert len(degree) == 10
        assert round(np.mean(degree), 1) == 6.4
        assert round(np.mean(degree) / (n - 1), 3) == 0.028

    def test_ties_between_departments_are_the_contacts_across_them(self, contacts):
        # Two by two, each contact gives its pair of people 1; and every one of them is observed for its whole length.
        (across,) = contacts.contacts.values()
        tied = sum(ties.weight.sum() for ties in (layers[Layer.MEETINGS] for layers in contacts.slices) if len(ties))
        assert tied == len(across)
        assert (across.overlap == across.duration).all()
        values = contacts.value("copresence_ratio", "colleague")
        assert values == pytest.approx(
            [1.0 if len(layers[Layer.MEETINGS]) else float("nan") for layers in contacts.slices], nan_ok=True
        )


@pytest.mark.parametrize("name", ["ifg_ministers", "kings_transfers", "unfccc_meetings", "workplace_contacts"])
def test_nothing_is_said_that_the_records_cannot_show(name):
    """None of them says whether its records are whole, so that nothing is known to be missing from the world."""
    results = measured(ROOT / "configs" / f"{name}.yaml", graphs=False, drawn_again=())
    rows, supplied = results.tables["indicators"], set(results.records.read)
    assert set(rows["indicator"]) == set(Indicator)
    unsaid = rows[rows["status"] == "not_assessed"]
    assert len(unsaid)
    for reasons in unsaid["reasons"]:
        named = {kind for kind in RecordKind if any(kind.value in reason for reason in reasons)}
        assert named - supplied, "the kind that is missing is named"
    lowest = rows[["level", "level_lo", "proxy_level"]].min(axis=None, skipna=True)
    assert lowest != 1, "level 1 takes proof that the records are whole"
    speaking = rows[rows["status"].isin(["assessed", "interval", "proxy_only"])]
    assert not set(speaking["indicator"]) & {"goals", "client", "trust", "infoex"}
