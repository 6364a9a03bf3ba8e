"""What the roles of go-betweens are: worked examples, and checks against every way to deal out the kinds.

F3 (directed)   a --> b --> c        kinds: a, b, c one; d two; e three
                ^     |
                |     v
                e <-- d
"""

from itertools import permutations
from math import nan

import numpy as np
import pytest
from igraph import Graph

from orgnet.metrics.brokerage import ROLES
from orgnet.metrics.registry import registered
from tests.graphs import by_name, exactly, matrix_of

F3 = "ab bc bd de ea"
KINDS = {"a": "one", "b": "one", "c": "one", "d": "two", "e": "three"}
COUNTS = [f"organisation.brokerage_{role.name}" for role in ROLES]
MEANS = [f"{name}_expected" for name in COUNTS]
SCORES = [f"{name}_z" for name in COUNTS]

METRICS = {f"organisation.{m.name}": m.function for m in registered(takes="graph") if "brokerage" in m.name}


def of_kinds(graph: Graph, kinds: dict[str, str]) -> Graph:
    graph.vs["kind"] = [kinds.get(name, "one") for name in graph.vs["name"]]
    return graph


def plain_counts(graph: Graph, kinds: list[str]) -> dict[str, np.ndarray]:
    """The roles, path by path."""
    tied, n = matrix_of(graph) > 0, graph.vcount()
    counts = {name: np.zeros(n) for name in COUNTS}
    for i, j, k in permutations(range(n), 3):
        if tied[i, j] and tied[j, k] and not tied[i, k]:
            one, two, three = kinds[i], kinds[j], kinds[k]
            if one == two == three:
                role = "coordinator"
            elif one == three:
                role = "itinerant"
            elif one == two:
                role = "representative"
            elif two == three:
                role = "gatekeeper"
            else:
                role = "liaison"
            counts[f"organisation.brokerage_{role}"][j] += 1
    return counts


@pytest.mark.worked_example(*COUNTS)
def test_roles_of_the_fixture(drawn):
    f3 = of_kinds(drawn(F3, directed=True), KINDS)
    # a -> b -> c is within one kind; a -> b -> d leads out of it; e -> a -> b leads into it; b -> d -> e and d -> e -> a
    # join three kinds.
    nobody = dict.fromkeys("abcde", 0)
    assert by_name(METRICS["organisation.brokerage_coordinator"], f3) == exactly(**{**nobody, "b": 1})
    assert by_name(METRICS["organisation.brokerage_representative"], f3) == exactly(**{**nobody, "b": 1})
    assert by_name(METRICS["organisation.brokerage_gatekeeper"], f3) == exactly(**{**nobody, "a": 1})
    assert by_name(METRICS["organisation.brokerage_liaison"], f3) == exactly(**{**nobody, "d": 1, "e": 1})
    assert by_name(METRICS["organisation.brokerage_itinerant"], f3) == exactly(**nobody)
    # Through d from a to c, who are of one kind that is not d's.
    through = of_kinds(drawn("ad dc", directed=True), KINDS)
    assert by_name(METRICS["organisation.brokerage_itinerant"], through) == exactly(a=0, c=0, d=1)


@pytest.mark.worked_example(*COUNTS)
def test_a_direct_tie_leaves_nothing_to_go_between(drawn):
    # a -> c is there, so b is no go-between from a to c; c -> a would not matter.
    for ties, expected in (("ab bc ac", 0), ("ab bc ca", 1)):
        counts = by_name(METRICS["organisation.brokerage_coordinator"], drawn(ties, directed=True))
        assert counts["b"] == expected
    # There and back is no path between two.
    assert by_name(METRICS["organisation.brokerage_coordinator"], drawn("ab ba", directed=True)) == exactly(a=0, b=0)


@pytest.mark.worked_example(*MEANS)
def test_what_chance_would_give(drawn):
    f3 = of_kinds(drawn(F3, directed=True), KINDS)
    # Three of five are of kind one. Of 5 x 4 x 3 = 60 ways to pick i, j, k: 3 x 2 x 1 are of one kind, 3 x 2 x 2 have
    # i and k (or i and j, or j and k) of one and the third of another, 3! x 3 are of three. b has two paths, c none.
    for role, chance in (
        ("coordinator", 6 / 60),
        ("itinerant", 12 / 60),
        ("representative", 12 / 60),
        ("gatekeeper", 12 / 60),
        ("liaison", 18 / 60),
    ):
        expected = exactly(a=chance, b=2 * chance, c=0, d=chance, e=chance)
        assert by_name(METRICS[f"organisation.brokerage_{role}_expected"], f3) == expected


@pytest.mark.worked_example(*SCORES)
def test_how_far_from_chance(drawn):
    f3 = of_kinds(drawn(F3, directed=True), KINDS)
    scores = {name: by_name(METRICS[name], f3) for name in SCORES}
    # a has one path: the chance of a gatekeeper is .2, so it is (1 - .2) / sqrt(.2 x .8) from what chance gives.
    assert scores["organisation.brokerage_gatekeeper_z"]["a"] == exactly(2)
    assert scores["organisation.brokerage_representative_z"]["a"] == exactly(-0.2 / 0.4)
    assert scores["organisation.brokerage_itinerant_z"]["a"] == exactly(-0.2 / 0.4)
    assert scores["organisation.brokerage_liaison_z"]["d"] == exactly(0.7 / 0.21**0.5)
    # b has two paths from a, to c and to d: both within one kind would take four of a kind, so never, and the variance
    # is 2 x .1 - .2^2.
    assert scores["organisation.brokerage_coordinator_z"]["b"] == exactly((1 - 0.2) / 0.16**0.5)
    # Without paths, and with one kind of organisation, nothing else is possible.
    assert np.isnan([scores[name]["c"] for name in SCORES]).all()
    alike = drawn(F3, directed=True)
    for name in SCORES:
        assert by_name(METRICS[name], alike) == exactly(**dict.fromkeys("abcde", nan))


@pytest.mark.second_implementation(*COUNTS)
def test_counts_match_paths_one_by_one(directed_networks):
    for seed, graph in enumerate(directed_networks):
        kinds = np.random.default_rng(seed).choice(["x", "y", "z"], graph.vcount(), p=[0.6, 0.3, 0.1]).tolist()
        dealt = graph.copy()
        dealt.vs["kind"] = kinds
        for name, expected in plain_counts(dealt, kinds).items():
            np.testing.assert_array_equal(METRICS[name](dealt), expected, err_msg=name)


@pytest.mark.second_implementation(*MEANS, *SCORES)
def test_chance_matches_every_way_to_deal_out_the_kinds():
    rng = np.random.default_rng(0)
    for n in (1, 2, 3, 4, 4, 5, 5, 5, 6, 6):
        tied = (rng.random((n, n)) < 0.45) & ~np.eye(n, dtype=bool)
        graph = Graph(n=n, edges=np.argwhere(tied).tolist(), directed=True)
        graph.es["weight"] = [1.0] * graph.ecount()
        kinds = rng.choice(["x", "y", "z"], n, p=[0.5, 0.3, 0.2]).tolist()
        graph.vs["kind"] = kinds
        dealt = [plain_counts(graph, list(ways)) for ways in permutations(kinds)]
        for name, observed in plain_counts(graph, kinds).items():
            values = np.array([counts[name] for counts in dealt])
            mean, deviation = values.mean(axis=0), values.std(axis=0)
            some = deviation > 1e-9
            scores = np.where(some, (observed - mean) / np.where(some, deviation, 1), nan)
            np.testing.assert_allclose(METRICS[f"{name}_expected"](graph), mean, atol=1e-12, err_msg=name)
            np.testing.assert_allclose(METRICS[f"{name}_z"](graph), scores, atol=1e-8, err_msg=name)


@pytest.mark.second_implementation(*MEANS, *SCORES)
def test_chance_matches_many_deals_in_a_larger_network():
    rng = np.random.default_rng(1)
    tied = (rng.random((14, 14)) < 0.3) & ~np.eye(14, dtype=bool)
    graph = Graph(n=14, edges=np.argwhere(tied).tolist(), directed=True)
    graph.es["weight"] = [1.0] * graph.ecount()
    kinds = ["x"] * 8 + ["y"] * 4 + ["z"] * 2
    graph.vs["kind"] = kinds
    dealt = []
    for _ in range(1500):
        graph.vs["kind"] = rng.permutation(kinds).tolist()
        dealt.append([METRICS[name](graph) for name in COUNTS])
    graph.vs["kind"] = kinds
    for at, name in enumerate(COUNTS):
        values = np.array([counts[at] for counts in dealt])
        np.testing.assert_allclose(METRICS[f"{name}_expected"](graph), values.mean(axis=0), rtol=0.1, atol=0.15)
        observed, expected = METRICS[name](graph), METRICS[f"{name}_expected"](graph)
        deviation = (observed - expected) / METRICS[f"{name}_z"](graph)
        known = ~np.isnan(deviation)
        assert known.sum() >= 10
        np.testing.assert_allclose(deviation[known], values.std(axis=0)[known], rtol=0.1)
