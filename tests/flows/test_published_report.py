"""The report that a whole run of the scenario publishes."""

import re

from orgnet.report import render
from orgnet.report.page import INTERNAL
from pipelines.report import report_network

MOST_BYTES = 5_000_000


def test_it_is_published_with_its_digest_and_light_enough_to_mail(finished):
    size = (finished.folder / "report.html").stat().st_size
    assert finished.summary["report"] == str(finished.folder / "report.html")
    assert 100_000 < size < MOST_BYTES / 2


def test_it_is_what_the_tables_give_again(finished):
    assert render(finished.folder) == (finished.folder / "report.html").read_text(encoding="utf-8")


def test_it_says_what_the_scenario_shows(finished):
    page = re.sub(r"<[^>]+>", "", (finished.folder / "report.html").read_text(encoding="utf-8"))
    assert INTERNAL in page
    assert "at level 3 of mutual acquaintanceship: managers, nurses and surgeons" in page
    assert "not known: navigators and network staff" in page
    assert "10 of 10 indicators have one level (1 at level 3, 9 at level 2, 0 at level 1)" in page
    assert "mutual acquaintanceship of nurses, 2 to 3" in page


def test_it_names_no_person(finished, people):
    page = (finished.folder / "report.html").read_text(encoding="utf-8")
    assert people and not [person for person in people if person in page]


def test_beside_itself_nothing_differs(finished):
    page = render(finished.folder, finished.folder)
    assert "Nothing: 20 slices of both runs, and no value differs." in page


def test_the_report_flow_gives_its_link_again(finished):
    assert report_network(finished.config, finished.out)["report"] == str(finished.folder / "report.html")
