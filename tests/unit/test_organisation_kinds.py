"""An organisation's kind may change, and the brokerage of each slice goes by the kind that it has there."""

from orgnet.metrics.measure import drawn, slice_tasks
from orgnet.slices import cut
from tests.networks import network

SETTINGS = {"slices": {"every": "quarter", "window": "3 months"}}


def test_kinds_by_slice(tmp_path):
    made = network(
        tmp_path,
        settings=SETTINGS,
        organisations="""
        org_id  kind          valid_from  valid_to
        A       provider      -           2015-05-01
        A       commissioner  2015-05-01  -
        B       -             -           -
        C       network_body  2015-07-01  -
        D       university    -           2015-02-01
        """,
    )
    kinds = {name: [made.roster.kinds(number)[at] for number in range(4)] for at, name in enumerate(made.roster.names)}
    # In the second quarter A is both: the later counts. B's kind is not said, and C and D are providers where they are
    # not at all.
    assert kinds == {
        "A": ["provider", "commissioner", "commissioner", "commissioner"],
        "B": ["provider"] * 4,
        "C": ["provider", "provider", "network_body", "network_body"],
        "D": ["university", "provider", "provider", "provider"],
    }


def test_kinds_belong_to_organisations_in_the_graph(tmp_path):
    made = network(
        tmp_path,
        settings=SETTINGS,
        organisations="""
        org_id  kind          valid_from
        C       network_body  2015-07-01
        A       provider      -
        B       university    -
        """,
        referrals="""
        date        from_org  to_org  direction_type
        2015-08-01  A         C       forward
        2015-08-01  C         B       forward
        """,
    )
    slices = cut(made.ties, made.config, made.calendar, 3, 1)
    task = slice_tasks(slices, made.records, made.roster, made.coverage)[2]
    (ties,) = (layer for layer in task.layers if layer.layer == "referrals")
    graph = drawn(task, ties, task.roster)
    kinds = dict(zip(graph.vs["name"], graph.vs["kind"], strict=True))
    assert kinds == {"A": "provider", "B": "university", "C": "network_body"}
