"""Communities keep their numbers from slice to slice, as far as their organisations stay together."""

import numpy as np

from orgnet.metrics.communities import carried, matched
from orgnet.metrics.measure import Block, names_of
from orgnet.vocabulary import Layer, Level, NodeSet


def blocks(*slices: dict[int, int], layer: Layer = Layer.MEETINGS) -> list[Block]:
    """One block per slice, with the community that each organisation is in; those left out are in none."""
    names = [m.name for m in names_of(Level.ORGANISATION, layer, "graph")]
    made = []
    for number, members in enumerate(slices):
        entity = np.arange(8)
        values = np.full((8, len(names)), 7.0)
        values[:, names.index("community")] = [members.get(org, np.nan) for org in entity.tolist()]
        made.append(Block(number, layer, NodeSet.ROSTER, entity, entity, values, np.zeros(values.shape, np.int64)))
    return made


def identities(found: list[Block]) -> list[dict[int, int]]:
    names = [m.name for m in names_of(Level.ORGANISATION, found[0].layer, "graph")]
    columns = [block.values[:, names.index("community")] for block in found]
    return [{org: int(number) for org, number in enumerate(column) if not np.isnan(number)} for column in columns]


def test_a_community_keeps_its_number_when_another_has_grown_larger():
    # {0, 1, 2} was the larger one, and then {3, 4, 5, 6} is.
    first, second = {0: 1, 1: 1, 2: 1, 3: 2, 4: 2}, {0: 2, 1: 2, 2: 2, 3: 1, 4: 1, 5: 1, 6: 1}
    assert identities(carried(blocks(first, second))) == [first, {0: 1, 1: 1, 2: 1, 3: 2, 4: 2, 5: 2, 6: 2}]


def test_when_one_falls_apart_the_larger_half_keeps_the_number():
    whole, halves = dict.fromkeys(range(5), 1), {0: 1, 1: 1, 2: 1, 3: 2, 4: 2}
    assert identities(carried(blocks(whole, halves))) == [whole, halves]
    # And when they come together again, it is the same one; number 2 is not used for another.
    back = identities(carried(blocks(whole, halves, whole, {0: 1, 1: 1, 6: 2, 7: 2})))
    assert back[2:] == [whole, {0: 1, 1: 1, 6: 3, 7: 3}]


def test_slices_without_communities_are_stepped_over():
    first = {0: 1, 1: 1, 2: 2, 3: 2}
    turned = {0: 2, 1: 2, 2: 1, 3: 1}
    assert identities(carried(blocks(first, {}, turned))) == [first, {}, first]


def test_layers_have_numbers_of_their_own_and_nothing_else_changes():
    one, other = blocks({0: 1, 1: 1}), blocks({2: 1, 3: 1}, layer=Layer.MDT)
    found = carried([*one, *other])
    assert identities(found[:1]) == [{0: 1, 1: 1}]
    assert identities(found[1:]) == [{2: 1, 3: 1}]
    names = [m.name for m in names_of(Level.ORGANISATION, Layer.MEETINGS, "graph")]
    kept = [at for at, name in enumerate(names) if name != "community"]
    assert (found[0].values[:, kept] == 7.0).all()


def test_the_order_of_blocks_makes_no_difference():
    slices = blocks({0: 1, 1: 1, 2: 2}, {0: 2, 2: 1, 3: 1}, {1: 1, 2: 2})
    forwards, backwards = carried(slices), carried(slices[::-1])[::-1]
    for one, other in zip(forwards, backwards, strict=True):
        np.testing.assert_array_equal(one.values, other.values)


def test_as_many_organisations_as_possible_keep_their_number():
    # Taking the largest overlap first (3 of community 1) would leave the other two with none in common.
    now = np.array([1, 1, 1, 1, 1, 2, 2])
    before = np.array([5, 5, 5, 6, 6, 5, 5])
    assert matched(now, before, used=6).tolist() == [6, 5]
    assert matched(np.array([1, 2]), np.array([0, 0]), used=6).tolist() == [7, 8]
