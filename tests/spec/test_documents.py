"""What documents show, by a worked example: which rows are current when, and what those in scope make of them."""

from math import isnan

import pytest

from orgnet.indicators.documents import measure_documents
from orgnet.records.organisations import make_roster
from orgnet.vocabulary import ScopeType
from tests import feeds

ORGANISATIONS = "org_id,kind\nA,provider\nB,provider\nC,provider\nD,provider\nX,network_body\n"
DOCUMENTS = """doc_id,kind,status,date,pathway,lead_org,contributing_orgs,endorsing_orgs,in_scope_orgs
g1,guideline,draft,2015-01-10,bladder,A,A,,
g1,guideline,ratified,2015-06-10,bladder,A,A;B,A;B;C,
g2,pathway,agreed,2015-02-01,renal,C,C,C;X,C;D
g2,pathway,superseded,2015-09-01,renal,C,C,C,C;D
g3,protocol,disputed,2015-11-01,renal,C,C;D,,C;D
g4,protocol,reratified,2015-11-01,,C,,A;B;C;D,
"""


@pytest.fixture(scope="module")
def documents(tmp_path_factory):
    """Four quarters of 2015."""
    folder = tmp_path_factory.mktemp("documents")
    period = {"start": "2015-01-01", "end": "2016-01-01"}
    config = feeds.configure(
        folder,
        {"organisations.csv": ORGANISATIONS, "documents.csv": DOCUMENTS},
        period=period,
        slices={"every": "quarter", "window": "12 months"},
    )
    records = feeds.read_records(config)
    assert not records.rejected.num_rows
    return measure_documents(records, make_roster(records, config.calendar), config.calendar)


def at(documents, number: int, pathway: str = "") -> list[float]:
    scope = ScopeType.PATHWAY if pathway else ScopeType.NETWORK
    return [pytest.approx(value, nan_ok=True) for value in documents.at(number, scope, pathway or "test").values()]


def test_the_last_row_before_the_slices_end_counts(documents):
    # current, endorsement, joint, unsettled, disputed, reratified
    # March: g1 a draft nobody endorsed, with 1 of the 4 providers; g2 endorsed by 1 of 2 in scope (X is not), 1 of 2 wrote.
    assert at(documents, 0) == [2, (0 / 4 + 1 / 2) / 2, 1 / 2, 1 / 2, 0, 0]
    # June: g1 is ratified, endorsed by 3 of 4, written by 2 of 4.
    assert at(documents, 1) == [2, (3 / 4 + 1 / 2) / 2, 1, 0, 0, 0]
    # September: g2 was superseded on the first.
    assert at(documents, 2) == [1, 3 / 4, 1, 0, 0, 0]
    # December: g3 disputed, by both of two, endorsed by nobody; g4 had to be ratified again, and nobody is known to have written it.
    assert at(documents, 3) == [3, (3 / 4 + 0 + 1) / 3, 2 / 3, 1 / 3, 1 / 3, 1 / 3]


def test_pathways_have_measures_of_their_own(documents):
    assert documents.pathways == ["bladder", "renal"]
    assert at(documents, 1, "bladder") == [1, 3 / 4, 1, 0, 0, 0]
    assert at(documents, 3, "renal") == [1, 0, 1, 1, 1, 0]
    none, *shares = documents.at(2, ScopeType.PATHWAY, "renal").values()
    assert none == 0 and all(isnan(share) for share in shares)
    assert documents.at(2, ScopeType.PATHWAY, "prostate") is None
    assert documents.at(2, ScopeType.GROUP, "nurse") is None
