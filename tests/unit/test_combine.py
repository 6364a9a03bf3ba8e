"""Several kinds of evidence on one indicator: what the level is, what it rests on, and what is said of a contradiction."""

from datetime import date

import pytest

from orgnet.config import Config
from orgnet.indicators.combine import combine
from orgnet.indicators.damour import load_damour
from orgnet.indicators.rules import Row
from orgnet.vocabulary import Basis, Indicator, IndicatorStatus

CONFIG = Config(
    network="test",
    period={"start": date(2015, 1, 1), "end": date(2016, 1, 1)},
    sources={"people": [{"path": "people.csv"}]},
)
DAMOUR = load_damour(CONFIG)


def row(indicator: str, levels: tuple[int, int] | None, basis: str = "ties", proxy: int | None = None) -> Row:
    """What one kind of evidence says: an interval of levels, a proxy level, or nothing."""
    declared = DAMOUR.indicators[Indicator(indicator)]
    made = Row(0, Indicator(indicator), declared, declared.scope, "them", 1.0, 40, 12, None, basis=Basis(basis))
    if levels:
        made.level_lo, made.level_hi = levels
        made.level = levels[0] if levels[0] == levels[1] else None
        made.status = IndicatorStatus.ASSESSED if made.level else IndicatorStatus.INTERVAL
    if proxy:
        made.proxy_level, made.status = proxy, IndicatorStatus.PROXY_ONLY
    return made


def refused(indicator: str, basis: str, status: str = "insufficient_data") -> Row:
    return row(indicator, None, basis).refuse(IndicatorStatus(status), f"{basis} cannot tell")


def outcome(found: Row) -> tuple[int | None, int | None, str, str, bool]:
    discordant = any(reason.startswith("discordant: ") for reason in found.reasons)
    return found.level_lo, found.level_hi, found.basis.value, found.status.value, discordant


# Class, what ties say, what the survey says, and what follows: lowest, highest, basis, status, discordant.
BOTH = [
    ("centrality", (2, 3), (3, 3), (3, 3, "combination", "assessed", False)),
    ("centrality", (2, 3), (2, 2), (2, 2, "combination", "assessed", False)),
    ("centrality", (2, 3), (1, 1), (1, 1, "survey", "assessed", True)),
    ("centrality", (1, 1), (3, 3), (3, 3, "survey", "assessed", True)),
    ("leadership", (1, 3), (2, 2), (2, 2, "combination", "assessed", False)),
    ("leadership", None, (2, 2), (2, 2, "survey", "assessed", False)),
    ("acquaint", (3, 3), (2, 2), (3, 3, "ties", "assessed", True)),
    ("acquaint", (3, 3), (3, 3), (3, 3, "ties", "assessed", False)),
    ("goals", None, (2, 2), (2, 2, "survey", "assessed", False)),
]


@pytest.mark.parametrize(("indicator", "ties", "survey", "expected"), BOTH)
def test_ties_and_a_survey(indicator, ties, survey, expected):
    assert outcome(combine(row(indicator, ties), [row(indicator, survey, "survey")])) == expected


def test_a_proxy_stays_beside_the_level_that_a_survey_gives():
    found = combine(row("innovation", None, proxy=3), [row("innovation", (2, 2), "survey")])
    assert outcome(found) == (2, 2, "survey", "assessed", False)
    assert found.proxy_level == 3
    # Without one, it stays a proxy.
    found = combine(row("innovation", None, proxy=3), [])
    assert (found.level_lo, found.proxy_level, found.status.value) == (None, 3, "proxy_only")


def test_documents_have_more_authority_on_formal_tools_than_a_survey():
    others = [row("formal", (2, 2), "documents"), row("formal", (3, 3), "survey")]
    found = combine(row("formal", None, proxy=2), others)
    assert outcome(found) == (2, 2, "documents", "assessed", True)
    others[0] = refused("formal", "documents")
    assert outcome(combine(row("formal", None, proxy=2), others)) == (3, 3, "survey", "assessed", False)


def test_coded_evidence_that_disagrees_within_itself_is_an_interval():
    found = combine(row("goals", None), [row("goals", (1, 2), "coded")])
    assert outcome(found) == (1, 2, "coded", "interval", False)


def test_too_few_answers_are_too_few_and_not_none():
    found = combine(refused("goals", "ties", "not_assessed"), [refused("goals", "survey")])
    assert (found.status.value, found.level_lo) == ("insufficient_data", None)
    assert found.reasons == ["ties cannot tell", "survey cannot tell"]
    # Ties that are too few are not made up for, where ties are what shows the indicator.
    found = combine(refused("acquaint", "ties"), [row("acquaint", (2, 2), "survey")])
    assert (found.status.value, found.level_lo) == ("insufficient_data", None)


def test_all_that_was_said_is_kept():
    survey = row("goals", (2, 2), "survey")
    survey.reasons, survey.evidence = ["most say so"], [{"measure": "survey_mean"}]
    found = combine(row("goals", None), [survey])
    assert found.reasons == ["level 2: the survey says level 2; ties alone say nothing", "most say so"]
    assert found.evidence == [{"measure": "survey_mean"}]
