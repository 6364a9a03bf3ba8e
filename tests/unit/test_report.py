"""The report of a small network drawn by hand: what it says, how it draws, and what it never says."""

import json
import re
import shutil
from collections import Counter
from datetime import UTC, datetime
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from orgnet import store
from orgnet.errors import InputFault, StoreFault
from orgnet.report import opening, places, render
from orgnet.report.changes import Comparison, comparison
from orgnet.report.groups import group_levels, heat_map, small_multiples, stepped
from orgnet.report.holding import Holding, Organisation, holding
from orgnet.report.kiviat import at, diagrams, outline
from orgnet.report.maps import maps
from orgnet.report.page import INTERNAL
from orgnet.report.published import read_published
from orgnet.report.sentences import changed, ranked, together
from orgnet.report.words import STATUSES, Cell, cell, listed, months_said, number_said
from orgnet.report.written import write_report
from orgnet.vocabulary import Status
from tests import reported
from tests.published import yearly


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published snapshot of the small network."""
    return reported.publish(tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    return render(folder)


def said(folder: Path) -> list[str]:
    """The five sentences of a snapshot."""
    return [each.text for each in opening(folder)]


class TestSentences:
    def test_what_changed_with_its_interval_and_verdict(self, folder):
        assert said(folder)[0] == (
            "From pre to post 1 level improved (mutual acquaintanceship of nurses, 2 to 3), no level worsened; "
            "unchanged 1, unclear 0, not comparable 1. Measured: share of the other organisations in which "
            "the average member knows a colleague, nurses 25% to 100% (improved; 95% interval +50 to +100 points)."
        )

    def test_what_changed_tells_no_measure_of_groups_of_too_few(self, folder):
        found = comparison(read_published(folder))
        assert "Measured: " in changed(found)
        assert "Measured: " not in changed(found, {"nurses"})

    def test_what_is_known_counts_each_standing_of_an_indicator(self, folder):
        assert said(folder)[1] == (
            "In 2017, 5 of 10 indicators have one level (2 at level 3, 2 at level 2, 1 at level 1); between two levels: "
            "1 (centrality); only a stand-in measure: 1 (support for innovation); too few records, or none known to be "
            "complete: 1 (information exchange); no record that could tell: 2 (goals and client-centred orientation "
            "versus other allegiances)."
        )

    def test_records_that_are_missing_incomplete_or_not_spoken_of(self, folder):
        text = said(folder)[2]
        assert text.startswith("Not supplied: organisations, organisation links, people and their posts, meetings, ")
        assert "not known to be complete: who attended meetings (known to be whole for 2 of 3 organisations)" in text
        assert "nothing says whether referrals can be taken as complete; 2 rows were put aside as unusable" in text
        assert "is known to be whole for the window" not in text

    def test_groups_by_level_and_those_that_are_not_known(self, folder):
        assert said(folder)[3] == "In 2017, at level 3 of mutual acquaintanceship: nurses; not known: surgeons."

    def test_who_holds_the_network_together(self, folder):
        assert said(folder)[4] == (
            "In 2017, the strongest ties, of all kinds together, are those of B (strength 9), A (strength 3) and N "
            "(strength 1); most often between others: B (100% of shortest paths); if lost, these would cut others off: "
            "B in all kinds of tie together and joint roles."
        )

    @pytest.mark.parametrize(
        ("values", "text"),
        [
            ((9, 3, 1), "A (9), B (3) and C (1)"),
            ((9, 3, 3, 3), "A (9) and 3 organisations alike (3)"),
            ((9, 8, 3, 3), "A (9) and B (8)"),
            ((9, 9, 9, 9, 1), "4 organisations alike (9)"),
            ((9, 0, None), "A (9)"),
            ((0, None), ""),
        ],
    )
    def test_nobody_is_named_before_others_that_have_the_same(self, values, text):
        lines = [
            Organisation(code, code, "", "", "", {"strength": Cell(str(value), "ok", "", value)})
            for code, value in zip("ABCDE", values, strict=False)
        ]
        assert ranked(Holding(None, lines, {}), "strength", 3, "{}") == text

    def test_a_long_code_gives_way_to_a_name(self, tmp_path):
        name = "Department for Science, Innovation and Technology"
        code = "5970f999-2acd-4de1-93dc-92e4dc5984f4"
        published = read_published(reported.publish(tmp_path, {"B": name}, codes={"B": code}))
        text = together(published, holding(published))
        assert f"those of {name} (strength 9), A (strength 3)" in text and code not in text
        assert {node.name for node in maps(published).nodes} == {"A", name, "N"}

    def test_a_name_that_two_have_tells_neither(self, tmp_path):
        codes = {"A": "West:ExitHospital", "B": "East:ExitHospital"}
        published = read_published(reported.publish(tmp_path, dict.fromkeys("AB", "Exit"), codes=codes))
        assert {node.name for node in maps(published).nodes} == {*codes.values(), "N"}

    def test_slices_are_said_as_people_say_them_and_what_cannot_be_compared_is_one_number(self):
        counts = Counter({"not_comparable": 10})
        assert changed(Comparison("May 2025–Apr 2026", "May–Jun 2026", False, [], [], counts)) == (
            "No level can be compared from May 2025–Apr 2026 to May–Jun 2026: not comparable 10."
        )

    def test_without_tables_each_says_that_nothing_can_be_said(self, tmp_path):
        bare = reported.publish(tmp_path, without=["kiviat", "indicators", "organisation_metrics", "changes"])
        changed, known, _, groups, together = said(bare)
        assert changed.startswith("Nothing was compared")
        assert known == "Nothing can be said: the table kiviat is not in this copy."
        assert groups == "Nothing can be said: the table indicators is not in this copy."
        assert together == "Nothing can be said: the table organisation_metrics is not in this copy."


class TestKiviat:
    def test_ten_points_close_the_outline(self):
        points = [at(axis, 84) for axis in range(10)]
        assert outline(points).count("L") == 9 and outline(points).endswith("Z")

    def test_a_gap_breaks_the_outline_and_is_neither_bridged_nor_drawn_at_the_centre(self):
        points = [None if axis in (3, 7) else at(axis, 84) for axis in range(10)]
        path = outline(points)
        assert path.count("M") == 2 and "Z" not in path
        assert not {"{:g},{:g}".format(*at(axis, 0)) for axis in (3, 7)} & set(re.split("[ML]", path))
        first, second = (part.split("L") for part in path.split("M")[1:])
        assert [len(first), len(second)] == [3, 5]  # axes 4 to 6, and 8 round to 2

    def test_a_point_alone_has_no_line(self):
        assert outline([at(0, 84), *[None] * 9]) == ""

    def test_band_hollow_and_gap_are_no_points(self, folder):
        axes = {axis.indicator: axis for axis in diagrams(read_published(folder))[-1].axes}
        assert axes["centrality"].band == (at(4, 84), at(4, 126)) and axes["centrality"].point is None
        assert axes["innovation"].hollow == at(6, 84) and axes["innovation"].point is None
        assert axes["goals"].point is axes["goals"].band is axes["goals"].hollow is None
        assert axes["goals"].text == "not known"

    def test_nothing_is_joined_to_a_band_or_a_hollow_mark(self, folder):
        path = diagrams(read_published(folder))[-1].outline
        assert "{:g},{:g}".format(*at(6, 84)) not in path and "{:g},{:g}".format(*at(4, 84)) not in path
        assert path.count("M") == 2  # 3 and 4; 8 and 9

    def test_a_level_held_back_is_a_gap_that_says_so(self, tmp_path):
        held = (None, None, None, None, "point", "suppressed")
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(reported.LEVELS, "acquaint", held)
            axes = {axis.indicator: axis for axis in diagrams(read_published(reported.publish(tmp_path)))[-1].axes}
        assert axes["acquaint"].point is None and axes["acquaint"].text == "✱ held back"


class TestValues:
    def test_each_status_has_a_mark_and_words_of_its_own(self):
        assert (
            len({mark for mark, _ in STATUSES.values()}) == len(Status) == len({said for _, said in STATUSES.values()})
        )

    @pytest.mark.parametrize("status", [each for each in Status if each not in ("ok", "nominal", "rounded", "sampled")])
    def test_no_value_is_never_a_number(self, status):
        shown = cell(None, status)
        assert shown.number is None and not re.search(r"\d", shown.text) and shown.status == status

    def test_no_row_is_neither_zero_nor_a_status(self):
        assert cell(None, None).status == "no_row"
        assert cell(None, "ok", shared=True).status == "suppressed"

    def test_rounded_values_look_rounded_and_nominal_ones_nominal(self):
        assert cell(0.5, "rounded", "share").text == "≈50%" and cell(2.0, "nominal").text == "2†"

    def test_numbers_and_slices_as_people_say_them(self):
        assert [number_said(value, "share") for value in (0.0, 0.004, 0.126, 1.0)] == ["0%", "0.4%", "13%", "100%"]
        assert [number_said(value) for value in (1234.0, 12345.6, 0.1234)] == ["1,234", "12,346", "0.123"]
        slices = yearly(1).slices
        assert months_said("2015-01-01/12m", slices[0].start, slices[0].end) == "Jan–Dec 2015"
        assert months_said("2015-Q1", slices[0].start, slices[0].end) == "2015-Q1"
        assert listed(["a", "b", "c"], 2) == "a, b and 1 more" and listed(["a", "b"]) == "a and b"


class TestGroups:
    def test_heat_map_keeps_a_cell_for_every_slice_and_says_why_it_is_empty(self, folder):
        published = read_published(folder)
        cells = heat_map(published, "acq_breadth", group_levels(published))
        assert [each.cell.text for each in cells["nurse"]] == ["25%", "≈50%", "100%"]
        assert [each.cell.status for each in cells["surgeon"]] == ["no_coverage", "undefined", "suppressed"]
        assert [each.shade for each in cells["nurse"]] == [2, 3, 4]
        assert [each.shade for each in cells["surgeon"]] == [None] * 3

    def test_lines_are_broken_where_no_level_is_known(self, folder):
        assert stepped([(0, 1), (1, 1), None, (3, 1)]) == "M0,1L1,1M3,1"
        published = read_published(folder)
        nurse, surgeon = small_multiples(published, group_levels(published))
        assert len(nurse[0].points) == 3 and not nurse[0].gaps
        assert not surgeon[0].points and len(surgeon[0].gaps) == 3 and surgeon[0].line == ""


class TestDifferences:
    def test_what_cannot_be_compared_says_why_in_words_and_not_how_it_was_judged(self, folder):
        found = comparison(read_published(folder))
        why = {line.who: line.why for line in found.panels[0].lines}
        assert why == {
            "nurses": "organisations drawn again: a reason",
            "surgeons": "organisations drawn again: a reason",
            "radiologists": "there is no value before (not known: the records are not known to be complete)",
        }


class TestMaps:
    def test_places_stay_and_who_is_not_on_the_roster_is_absent(self, folder):
        found = maps(read_published(folder))
        codes = [node.code for node in found.nodes]
        first, *_, last = found.layers[0].drawings
        assert [codes[number] for number in first.absent] == ["N"] and not last.absent
        assert (first.n_ties, last.n_ties) == (1, 2)

    def test_kind_and_role_are_drawn_apart(self, folder, page):
        found = maps(read_published(folder))
        assert {(node.code, node.kind, node.role) for node in found.nodes} == {
            ("A", "provider", "specialist"),
            ("B", "provider", "local"),
            ("N", "network body", "core agency"),
        }
        assert all(f"r-{role}" in page for role in ("specialist", "local", "core-agency"))

    def test_a_layer_that_may_miss_records_says_so_beside_its_map(self, folder, page):
        layers = {each.layer: each for each in maps(read_published(folder)).layers}
        assert not layers["referrals"].drawings[-1].known and layers["joint_roles"].drawings[-1].known
        assert not layers["combined"].drawings[-1].known  # who attended is not known of one of three
        assert page.count("where no tie is drawn, there may be one") == 6  # a slice each

    def test_where_nothing_tells_of_completeness_none_is_claimed(self, tmp_path):
        bare = reported.publish(tmp_path, without=["network_metrics"])
        assert not any(each.known for layer in maps(read_published(bare)).layers for each in layer.drawings)

    def test_a_large_network_shows_the_strongest_ties_of_each_and_says_so(self, folder):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("orgnet.report.maps.TIES_IN_ALL", 1)
            patch.setattr("orgnet.report.maps.LAST_SLICES", 2)
            patch.setattr("orgnet.report.maps.STRONGEST", 1)
            found, text = maps(read_published(folder)), render(folder)
        assert found.limited and len(found.layers[0].drawings) == 2
        assert "too large to draw whole: drawn are the last 2 periods" in text

    def test_labels_do_not_lie_over_each_other_nor_beyond_the_map(self):
        """Of forty long names on the ring all find room; of twenty at almost one place some do, and the others have none."""
        ring = {str(n): ("a name that is far too long for a map", place) for n, place in enumerate(places._ring(40))}
        crowd = {str(n): ("somewhere", (280.0 + n, 220.0)) for n in range(20)}
        for names in (ring, crowd):
            found = list(places._labels(names).values())
            assert (names is ring) == (len(found) == len(names)) and len(found) >= 4
            for n, label in enumerate(found):
                assert label.within and len(label.text) <= places.SIGNS
                assert not any(label.covers(other) for other in found[:n])
        assert all(label.text.endswith("…") for label in places._labels(ring).values())

    def test_many_organisations_are_laid_out_by_their_ties_the_same_each_time(self, folder):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("orgnet.report.places.RING_UP_TO", 1)
            one, two = maps(read_published(folder)), maps(read_published(folder))
        assert one.nodes == two.nodes and len({(node.x, node.y) for node in one.nodes}) == 3


class _Read(HTMLParser):
    """What a page holds: its tags with their attributes, and the levels of its headings in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


class TestPage:
    def test_names_that_look_like_markup_stay_text(self, tmp_path):
        names = {"A": reported.HOSTILE, "B": '"><img src=x onerror=alert(1)>', "N": "</script><b>"}
        text = render(reported.publish(tmp_path, names, network=reported.HOSTILE))
        assert reported.HOSTILE not in text and "&lt;script&gt;alert" in text
        tags, ours = _Read(text).tags, _Read(render(reported.publish(tmp_path / "plain"))).tags
        assert [tag for tag, _ in tags] == [tag for tag, _ in ours]
        assert not [name for _, attributes in tags for name in attributes if name.startswith("on")]

    def test_equal_results_give_an_equal_page_wherever_and_whenever(self, folder, page, tmp_path):
        assert render(folder) == page
        other = reported.publish(tmp_path / "elsewhere", finished="2031-01-01T00:00:00+00:00", seconds={"metrics": 7.5})
        assert render(other) == page
        assert folder.name not in page and str(folder) not in page and "2020" not in page

    def test_says_what_it_was_made_of(self, folder, page):
        manifest = reported.read_manifest(folder)
        assert manifest["content_id"] in page and "orgnet 0.1.0" in page and manifest["run_id"] not in page

    def test_nothing_is_fetched(self, page):
        for tag, attributes in _Read(page).tags:
            assert tag not in ("iframe", "object", "embed", "img", "audio", "video", "base")
            assert "src" not in attributes, (tag, attributes)
            link = attributes.get("href") or attributes.get("xlink:href") or ""
            assert not link or link.startswith("#") or link == "data:,", link
        assert "@import" not in page and "url(" not in page
        assert "default-src 'none'" in page

    def test_headings_come_in_order_and_every_picture_has_words(self, page):
        tags = _Read(page).tags
        levels = [int(tag[1]) for tag, _ in tags if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        for tag, attributes in tags:
            if tag == "svg":
                assert attributes.keys() & {"aria-label", "aria-labelledby", "aria-hidden"}, attributes

    def test_every_definition_button_has_its_definition_and_no_other_is_there(self, page):
        tags = _Read(page).tags
        asked = {attributes["data-def"] for _, attributes in tags if "data-def" in attributes}
        given = {attributes["id"].removeprefix("def-") for _, attributes in tags if (attributes.get("id") or "").startswith("def-")}  # fmt: skip
        assert asked == given and {"acquaint", "acq_breadth", "betweenness"} <= asked

    def test_every_status_is_shown_apart(self, page):
        for status in ("no_coverage", "undefined", "suppressed", "rounded", "insufficient", "nominal"):
            assert f'class="v {status}' in page, status
            assert f".v.{status}" in page, status

    def test_without_any_table_it_still_stands_and_says_so(self, tmp_path):
        names = [path.stem for path in reported.publish(tmp_path / "all").glob("*.parquet")]
        text = render(reported.publish(tmp_path / "none", without=names))
        assert text.count("is not in this copy") >= 6 and "Not in this copy:" in text

    def test_one_table_missing_is_told_in_its_place(self, tmp_path):
        for table in ("ties", "group_metrics", "organisations", "completeness"):
            text = render(reported.publish(tmp_path / table, without=[table]))
            assert f"<code>{table}</code>" in text[text.index("Not in this copy:") :]

    def test_stamped_internal_unless_small_numbers_are_protected(self, page, tmp_path):
        assert page.count(INTERNAL) == 2
        shared = render(reported.publish(tmp_path, disclosure={"profile": "nhsd_secondary_care"}))
        assert INTERNAL not in shared and shared.count("protected by the profile nhsd_secondary_care") == 2

    def test_restricted_tables_are_never_read(self, folder):
        with pytest.raises(AssertionError):
            read_published(folder).rows("rejected_records", "*")


class TestWriting:
    def test_writes_beside_and_never_into_a_snapshot(self, folder, tmp_path, page):
        network = folder.parents[1]
        written = write_report(network, None, None, tmp_path / "r.html")
        assert written.read_text() == page
        with pytest.raises(InputFault, match="lies in a published snapshot"):
            write_report(network, None, None, folder / "r.html")
        with pytest.raises(InputFault, match="there is no folder"):
            write_report(network, None, None, tmp_path / "none" / "r.html")

    def test_a_copy_for_sharing_is_a_folder_like_any_other(self, folder, tmp_path, page):
        assert write_report(folder, None, None, tmp_path).read_text() == page

    def test_compared_with_copies_that_lack_tables_it_says_which(self, folder):
        with pytest.raises(InputFault, match="found no pair_metrics"):
            render(folder, folder)


class TestInARun:
    def _publish(self, folder: Path, page: object) -> Path:
        source = reported.publish(folder / "source")
        tables = {path.stem: store.read(source, path.stem) for path in source.glob("*.parquet")}
        manifest = {name: value for name, value in reported.read_manifest(source).items() if name != "files"}
        return store.publish(folder / "out", tables, manifest, datetime(2020, 1, 1, tzinfo=UTC), page=page)

    def test_the_report_is_published_and_listed(self, tmp_path):
        snapshot = self._publish(tmp_path, render)
        listed = reported.read_manifest(snapshot)["files"]
        assert (snapshot / "report.html").stat().st_size == listed["report.html"]["bytes"]
        assert "manifest.json" not in listed
        assert render(snapshot) == (snapshot / "report.html").read_text()

    def test_a_report_that_fails_publishes_nothing_and_says_so(self, tmp_path):
        def failing(folder: Path) -> str:
            raise ValueError("no such colour")

        with pytest.raises(StoreFault, match=r"report.html could not be written \(ValueError: no such colour\)"):
            self._publish(tmp_path, failing)
        assert not (tmp_path / "out" / "current").exists() and not list((tmp_path / "out" / "runs").iterdir())


class TestCopiesForSharing:
    """Values that are held back or rounded, as a copy for sharing has them."""

    def copy(self, folder: Path, tmp_path: Path, table: str, replaced: str, **disclosure: object) -> str:
        """The page of a copy in which some columns of one table are replaced."""
        shutil.copytree(folder, tmp_path / "copy", ignore=shutil.ignore_patterns("restricted"))
        path = tmp_path / "copy" / f"{table}.parquet"
        with duckdb.connect() as con:
            aside = path.with_suffix(".aside")
            con.execute(f"COPY (SELECT {replaced} FROM '{path}') TO '{aside}' (FORMAT parquet)")
        aside.replace(path)
        told = {"profile": "nhsd_secondary_care", "withhold_up_to": 7, "round_to": 5} | disclosure
        records = {
            "read": {"attendance": None, "referrals": 5},
            "used": {},
            "rejected": {"referrals": {"duplicate": None}},
        }
        manifest = reported.read_manifest(folder) | {"disclosure": told, "records": records}
        (tmp_path / "copy" / "manifest.json").write_text(json.dumps(manifest))
        return render(tmp_path / "copy")

    def test_a_verdict_that_is_held_back_is_neither_unclear_nor_zero(self, folder, tmp_path):
        held = "* REPLACE (NULL AS verdict, NULL AS value_before, NULL AS difference, NULL AS ci_low, NULL AS ci_high)"
        page = self.copy(folder, tmp_path, "changes", held)
        assert "No level can be compared from pre to post: held back 3." in page
        assert "1 level improved" not in page and "±0" not in page
        assert page.count("</span> held back</span>") == 6  # three levels, and the breadth of three groups

    def test_levels_of_groups_that_are_held_back_are_not_drawn_as_not_known(self, folder, tmp_path):
        held = "* REPLACE (if(scope_id = 'nurse', NULL, level) AS level, if(scope_id = 'nurse', 'suppressed', status) AS status)"
        page = self.copy(folder, tmp_path, "indicators", held)
        nurse, surgeon = (
            page[page.index(f"<figcaption>{who}") :].split("</figure>")[0] for who in ("Nurses", "Surgeons")
        )
        assert nurse.count('class="held"') == 6 and 'class="cross"' not in nurse
        assert 'class="held"' not in surgeon
        assert "a dark square one whose level is held back" in page
        assert "dark square" not in render(folder)

    def test_a_tie_keeps_its_place_without_its_strength_and_a_rounded_one_says_so(self, folder, tmp_path):
        states = """* REPLACE (if(layer = 'combined', NULL, weight) AS weight),
            if(layer = 'combined', 'suppressed', 'rounded') AS status"""
        page = self.copy(folder, tmp_path, "ties", states)
        assert '<path class="t0" d="M' in page and '<path class="t1"' not in page
        assert '<td class="v">≈7</td>' in page and "Dashed: a tie whose strength is held back." in page

    def test_counts_that_are_held_back_are_not_taken_for_none(self, folder, tmp_path):
        page = self.copy(folder, tmp_path, "kiviat", "*")
        assert "row was put aside" not in page and "rows were put aside" not in page
        row = page[page.index('<th scope="row">Who attended meetings</th>') :]
        assert row.removeprefix('<th scope="row">Who attended meetings</th>').startswith('<td class="v">✱')
        aside = page[page.index('<th scope="row">Referrals</th>') :]
        assert aside.removeprefix('<th scope="row">Referrals</th>').startswith('<td class="v">5</td><td class="v">✱')

    def test_values_that_are_held_back_take_no_place_in_the_order(self, folder, tmp_path):
        held = "* REPLACE (NULL AS value, 'suppressed' AS status)"
        page = self.copy(folder, tmp_path, "organisation_metrics", held)
        assert "it is not known whether a loss would cut others off" in page and "no single loss" not in page
        assert "nobody is known to lie between others" in page

    def test_a_copy_that_withholds_nothing_is_stamped_internal(self, folder, tmp_path):
        page = self.copy(folder, tmp_path, "kiviat", "*", profile="off_internal", withhold_up_to=0)
        assert page.count(INTERNAL) == 2 and "protected by the profile" not in page
