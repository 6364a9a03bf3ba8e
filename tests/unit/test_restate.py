"""Records stated on another basis: every kind of record, what is cut, what is counted, and what is covered."""

from collections import Counter
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from orgnet.config.instruments import Instrument
from orgnet.indicators.waves import read_answers
from orgnet.records.coverage import coverage_rows, make_coverage
from orgnet.records.organisations import make_roster
from orgnet.records.read import Records
from orgnet.records.restate import restate
from orgnet.records.succession import find_succession
from orgnet.ties.internal import count_internal
from orgnet.ties.make import make_ties
from orgnet.vocabulary import Layer, RecordKind
from tests.networks import Network, network
from tests.plain_internal import plain_counts, stands_as
from tests.successions import BACKWARD, FORWARD, configured, recorded

ORGANISATIONS = """
    org_id  kind      role        parent_org_id  valid_from  valid_to    successor_id
    A       provider  local       -              -           2015-07-01  C
    B       provider  specialist  -              -           2015-07-01  C
    C       provider  local       -              2015-07-01  -           -
    D       provider  local       -              -           -           -
    D1      provider  local       A              -           -           -
    C1      provider  local       D              -           -           -
"""
RECORDS = {
    "organisations": ORGANISATIONS,
    "people": """
        person_id  org_id  group    start       end         wte
        ann        A       nurse    2014-01-01  2015-07-01  0.5
        ann        B       nurse    2014-01-01  -           0.5
        bob        D       manager  -           -           1
    """,
    "meetings": """
        meeting_id  start             end               type   convenor_org_id
        m1          2015-03-02T09:00  2015-03-02T10:00  board  A
        m2          2015-09-01T09:00  2015-09-01T10:00  smdt   C
    """,
    "attendance": """
        meeting_id  person_id  org_id
        m1          ann        B
        m1          bob        D
        m2          ann        A
        m2          bob        -
    """,
    "mdt_cases": """
        meeting_id  case_id  referring_org_id
        m2          1        B
        m2          2        -
    """,
    "referrals": """
        referral_id  date        from_org  to_org  direction_type  n
        r1           2015-02-01  A         B       forward         3
        r2           2015-02-01  A         D       forward         1
        r3           2015-08-01  D         A       refer_back      2
        r4           2015-02-01  B         A       refer_back      1
    """,
    "joint_roles": """
        person_id  start       end         org_ids  sessions_by_org
        ann        2015-01-01  2015-06-01  A;B      2;3
        bob        2015-01-01  -           A;B;D    1;2;3
        bob        2015-02-01  -           D;D1     4;5
    """,
    "lead_roles": """
        person_id  body_id  start       end         org_id  role
        ann        board    2015-01-01  2015-12-01  A       chair
        bob        board    2015-02-01  -           -       chair
    """,
    "documents": """
        doc_id  date        lead_org  contributing_orgs  endorsing_orgs  in_scope_orgs
        d1      2015-02-01  A         A;B;D              B               A;B;D
        d2      2015-02-01  -         -                  D               -
    """,
}


def stated(network: Network, basis: str = FORWARD) -> Network:
    """The same network on another basis."""
    config = network.config.model_copy(update={"organisations": configured(basis).organisations})
    return Network(config, network.rows)


@pytest.fixture
def merged(tmp_path) -> Network:
    return stated(network(tmp_path, **RECORDS))


def rows(found: Network, kind: str, *names: str) -> list[tuple]:
    """Some columns of a kind, organisations by name."""
    called = found.records.organisations

    def shown(name, value):
        if isinstance(value, list) and "org" in name and name != "sessions_by_org":
            return ";".join(called[code] for code in value)
        of_org = name in ("org_id", "from_org", "to_org", "lead_org", "convenor_org_id", "referring_org_id")
        return called[value] if of_org and value is not None else str(value) if isinstance(value, date) else value

    table = found.records.tables[RecordKind(kind)].to_pylist()
    return [tuple(shown(name, row[name]) for name in names) for row in table]


class TestEveryKind:
    def test_as_recorded_they_are_the_records_themselves(self, tmp_path):
        plain = network(tmp_path, **RECORDS)
        assert plain.records.recorded is None and plain.records.succession is None

    def test_organisations(self, merged):
        found = rows(merged, "organisations", "org_id", "role", "parent_org_id", "valid_from", "successor_id")
        assert sorted(found, key=str) == [
            ("C", "local", None, "2015-07-01", None),
            ("C", "local", None, None, None),
            ("C", "specialist", None, None, None),
            ("C1", "local", "D", None, None),
            ("D", "local", None, None, None),
            ("D1", "local", "C", None, None),
        ]
        assert merged.records.organisations == ["A", "B", "C", "C1", "D", "D1"], "codes stay what they were"

    def test_the_whole_has_the_roles_of_its_parts(self, merged):
        number = merged.records.organisations.index
        assert merged.roster.specialist[number("C")].all()
        assert merged.roster.present[:, 0].tolist() == [False, False, True, True, True, True]

    def test_posts(self, merged):
        assert sorted(rows(merged, "people", "org_id", "start", "end", "wte"), key=str) == [
            ("C", "2014-01-01", "2015-07-01", 0.5),
            ("C", "2014-01-01", None, 0.5),
            ("D", None, None, 1.0),
        ]

    def test_a_person_with_posts_in_both_parts_counts_once(self, merged):
        nurses = merged.posts[0]
        assert nurses.size.tolist() == [1]
        assert nurses.staffed[:, 0].tolist() == [0, 0, 1, 0, 0, 0]

    def test_meetings_and_what_is_recorded_of_them(self, merged):
        assert rows(merged, "meetings", "convenor_org_id") == [("C",), ("C",)]
        assert sorted(rows(merged, "attendance", "meeting_id", "org_id"), key=str) == [
            (0, "C"),
            (0, "D"),
            (1, "C"),
            (1, None),
        ]
        assert rows(merged, "mdt_cases", "referring_org_id") == [("C",), (None,)]

    def test_referrals(self, merged):
        assert rows(merged, "referrals", "from_org", "to_org", "n") == [
            ("C", "C", 3),
            ("C", "D", 1),
            ("D", "C", 2),
            ("C", "C", 1),
        ]
        assert merged.weights("referrals") == {"C D": 1.0}
        assert merged.weights("referrals_back") == {"D C": 2.0}

    def test_joint_roles_of_what_is_one_now_are_none(self, merged):
        assert rows(merged, "joint_roles", "org_ids", "sessions_by_org") == [("C;D", None), ("D;D1", ["4", "5"])]

    def test_lead_roles(self, merged):
        assert set(rows(merged, "lead_roles", "org_id", "start")) == {("C", "2015-01-01"), (None, "2015-02-01")}

    def test_lists_of_documents_hold_each_once(self, merged):
        assert rows(merged, "documents", "lead_org", "contributing_orgs", "endorsing_orgs", "in_scope_orgs") == [
            ("C", "C;D", "C", "C;D"),
            (None, None, "D", None),
        ]

    def test_what_was_read_is_told_as_before(self, merged, tmp_path):
        assert merged.records.tallies() == merged.records.recorded.tallies()


class TestInternal:
    def test_what_became_internal(self, merged):
        found = count_internal(merged.records, merged.config, merged.calendar)
        assert found.ties == {
            Layer.MEETINGS: 0,  # m1: B and D were there
            Layer.MDT: 0,
            Layer.REFERRALS: 3,
            Layer.REFERRALS_BACK: 1,
            # ann's joint role, bob's one of A and B, and ann's posts in A and B at once
            Layer.JOINT_ROLES: 3,
            Layer.CONVENING: 1,  # A convened, and B was there
        }
        # bob's role in A, B and D tied A with D and B with D; now it ties C with D once.
        assert found.joined == 1
        before = make_ties(merged.records.recorded, merged.config, merged.calendar)
        assert len(before.joint_roles.source) == len(merged.ties.joint_roles.source) + 3 + 1

    @pytest.mark.parametrize("basis", [FORWARD, BACKWARD])
    def test_any_network_keeps_or_counts_every_tie(self, networks_of_records, basis):
        seen = Counter()
        for drawn in networks_of_records[:8]:
            records, config = linked(drawn, basis), drawn.config
            before, after = (make_ties(each, config, drawn.calendar) for each in (records.recorded, records))
            internal = count_internal(records, config, drawn.calendar)
            for layer in (Layer.REFERRALS, Layer.REFERRALS_BACK):
                one, other = (sum(t.events.sum() for t in ties.tiles if t.layer == layer) for ties in (before, after))
                assert one == other + internal.ties[layer]
            assert internal.ties == internal.ties | plain_counts(records, config)
            parts = plain_joint_roles(records)
            kept = Counter((one, other) for _, one, other in parts if one != other)
            assert sum(one == other for _, one, other in parts) == internal.ties[Layer.JOINT_ROLES]
            assert sum(kept.values()) - internal.joined == len(after.joint_roles.source)
            held = zip(after.joint_roles.source.tolist(), after.joint_roles.target.tolist(), strict=True)
            assert set(kept) == set(held)
            seen += Counter({layer: n for layer, n in internal.ties.items() if n}) + Counter(joined=internal.joined)
        assert all(seen[layer] for layer in internal.ties) and seen["joined"]


def linked(drawn: Network, basis: str) -> Records:
    """A network drawn by chance, two of whose organisations become a third, and go back to one name, in mid-period."""
    begins, ends = drawn.calendar.slices[0].start, drawn.calendar.slices[-1].end
    middle, later = begins + (ends - begins) / 2, begins + (ends - begins) * 3 / 4
    links = recorded([f"A C merger {middle}", f"B C merger {middle}", f"C A name_change {later}"], more="DEF").tables
    named = drawn.records.organisations
    assert named[:3] == ["A", "B", "C"]
    tables = {**drawn.records.tables, RecordKind.ORGANISATION_LINKS: links[RecordKind.ORGANISATION_LINKS]}
    records = replace(drawn.records, tables=tables)
    stated = restate(records, find_succession(records, configured(basis)))
    assert stated.recorded is records
    return stated


def plain_joint_roles(records: Records) -> list[tuple[int, int, int]]:
    """Joint roles as recorded, person by person and pair by pair, by what the two stand as part by part."""
    recorded, pieces = records.recorded, records.succession.pieces
    spells = []
    for row in recorded.tables[RecordKind.JOINT_ROLES].to_pylist():
        spells.append((row["person_id"], row["org_ids"], _day(row["start"], -(10**6)), _day(row["end"], 10**6)))
    posts = recorded.tables[RecordKind.PEOPLE].to_pylist()
    for number, one in enumerate(posts):
        for other in posts[number + 1 :]:
            if one["person_id"] == other["person_id"] and one["org_id"] != other["org_id"]:
                start = max(_day(post["start"], -(10**6)) for post in (one, other))
                end = min(_day(post["end"], 10**6) for post in (one, other))
                if start < end:
                    spells.append((one["person_id"], sorted((one["org_id"], other["org_id"])), start, end))
    found = []
    for person, orgs, start, end in spells:
        days = pieces.from_day[np.isin(pieces.organisation, orgs)].tolist()
        for begins in sorted({start, *(day for day in days if start < day < end)}):
            stand = [stands_as(records, org, begins) for org in orgs]
            found += [
                (person, *sorted((stand[i], stand[j]))) for i in range(len(orgs)) for j in range(i + 1, len(orgs))
            ]
    return found


def _day(value, missing):
    return missing if value is None else (value - date(1970, 1, 1)).days


class TestReborn:
    """A became B in March; another A began in July: posts are cut where the name passed over."""

    ROWS = "org_id valid_from valid_to\nA - 2015-03-01\nA 2015-07-01 -\nB - -\n"
    LINKS = "predecessor_id successor_id type date\nA B name_change 2015-03-01\n"

    @pytest.fixture
    def reborn(self, tmp_path) -> Network:
        people = "person_id org_id start end\nann A 2014-01-01 2015-10-01\nbob B - -\n"
        roles = "person_id start end org_ids\nann 2015-01-01 - A;B\n"
        leads = "person_id body_id start end org_id role\nann board 2015-01-01 - A chair\n"
        made = network(
            tmp_path,
            organisations=self.ROWS,
            organisation_links=self.LINKS,
            people=people,
            joint_roles=roles,
            lead_roles=leads,
        )
        return stated(made)

    def test_posts_are_cut(self, reborn):
        assert sorted(rows(reborn, "people", "org_id", "start", "end"), key=str) == [
            ("A", "2015-07-01", "2015-10-01"),
            ("B", "2014-01-01", "2015-07-01"),
            ("B", None, None),
        ]

    def test_joint_and_lead_roles_are(self, reborn):
        assert rows(reborn, "joint_roles", "org_ids", "start", "end") == [("A;B", "2015-07-01", None)]
        assert sorted(rows(reborn, "lead_roles", "org_id", "start", "end"), reverse=True) == [
            ("B", "2015-01-01", "2015-07-01"),
            ("A", "2015-07-01", None),
        ]

    def test_rows_of_organisations_stand_as_what_they_are(self, reborn):
        assert sorted(rows(reborn, "organisations", "org_id", "valid_from", "valid_to"), key=str) == [
            ("A", "2015-07-01", None),
            ("B", None, "2015-03-01"),
            ("B", None, None),
        ]


COVERED = """
    source_id  org_id  record_kind  period_start  period_end  expected_n  received_n  complete
    mail       A       referrals    2015-01-01    2016-01-01  10          10          true
    mail       B       referrals    2015-01-01    {end}       10          10          {complete}
    mail       C       referrals    2015-07-01    2016-01-01  10          10          true
    mail       D       referrals    2015-01-01    2016-01-01  10          10          true
"""
QUARTERS = {"slices": {"every": "quarter", "window": "3 months"}}


class TestCoverage:
    def whole(self, tmp_path, end="2016-01-01", complete="true", **more):
        records = {
            "organisations": more.get("organisations", ORGANISATIONS),
            "coverage": COVERED.format(end=end, complete=complete),
            "referrals": RECORDS["referrals"],
        }
        found = stated(network(tmp_path, settings=QUARTERS, **records))
        flags = found.coverage.of(RecordKind.REFERRALS)
        return "".join(".X"[int(flag)] for flag in flags[found.records.organisations.index("C")])

    def test_of_two_whole_parts_the_whole_is_whole(self, tmp_path):
        assert self.whole(tmp_path) == "XXXX"

    def test_of_two_parts_one_of_which_is_not_the_whole_is_not(self, tmp_path):
        assert self.whole(tmp_path, complete="false") == "..XX", "B is no part from July on"

    def test_a_part_need_not_be_covered_before_or_after_it_was(self, tmp_path):
        # B is covered up to July, when it closed; C need not be before it began, and A need not be after it closed.
        assert self.whole(tmp_path, end="2015-07-01") == "XXXX"

    def test_every_day_of_the_window_counts(self, tmp_path):
        assert self.whole(tmp_path, end="2015-06-30") == "X.XX"

    def test_rows_that_say_nothing_of_validity_make_parts_of_all_time(self, tmp_path):
        rows = "org_id successor_id valid_to\nA - -\nB C 2015-07-01\nC - -\nD - -\n"
        # A is no part of C here; B is until July, and C itself is throughout, and not covered before July.
        assert self.whole(tmp_path, organisations=rows) == "..XX"

    def test_the_records_and_what_is_published_of_them_stay(self, tmp_path):
        made = network(
            tmp_path, organisations=ORGANISATIONS, coverage=COVERED.format(end="2016-01-01", complete="true")
        )
        assert coverage_rows(stated(made).records) == coverage_rows(made.records)

    def test_without_a_restatement_nothing_changes(self, tmp_path):
        made = network(
            tmp_path,
            settings=QUARTERS,
            organisations=ORGANISATIONS,
            coverage=COVERED.format(end="2016-01-01", complete="true"),
        )
        flags = make_coverage(made.records, make_roster(made.records, made.calendar), made.calendar).of(
            RecordKind.REFERRALS
        )
        assert flags[2].tolist() == [False, False, True, True]


class TestNobodyListed:
    def test_organisations_that_stand_as_others_are_not_on_the_roster(self, tmp_path):
        links = "predecessor_id successor_id type date\nA C merger 2015-07-01\nB C merger 2015-07-01\n"
        config = network(tmp_path, organisation_links=links, organisations="org_id\nA\nB\nC\n").config
        left_out = {kind: source for kind, source in config.sources.items() if kind != RecordKind.ORGANISATIONS}
        found = stated(Network(config.model_copy(update={"sources": left_out}), {}))
        assert found.roster.present[:, 0].tolist() == [False, False, True] and not found.roster.stated


class TestSurvey:
    def test_expected_answers_of_the_parts_are_added_up(self, tmp_path):
        said = "resp_id item instrument wave date value org_id\n"
        said += "r1 trust our w1 2015-03-01 4 A\nr2 trust our w1 2015-03-01 5 B\nr3 trust our w1 2015-03-01 2 D\n"
        stated_of = "source_id org_id record_kind period_start period_end expected_n\n"
        stated_of += "".join(
            f"our {org} survey_responses 2015-01-01 2016-01-01 {n}\n" for org, n in zip("ABD", (3, 4, 5), strict=True)
        )
        made = network(tmp_path, organisations=ORGANISATIONS, survey_responses=said, coverage=stated_of)
        declared = {"our": Instrument.model_validate({"scale": [1, 5], "items": {"trust": {"indicator": "trust"}}})}
        for found in (made, stated(made)):
            (wave,) = read_answers(found.records, declared).waves
            assert wave.expected[""] == 12.0
        names = [found.records.organisations[code] for code in wave.organisation]
        assert names == ["C", "C", "D"] and wave.role.tolist() == ["specialist", "specialist", "local"]
