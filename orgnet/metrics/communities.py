"""The identity of communities over time: which community of one slice is which of the slice before.

Slices are measured one by one, and number their communities each for itself. Here, layer by layer, each slice's
communities get the numbers of those that they share most organisations with in the last slice that had any: as many
organisations as possible keep their number (one community to one). The others get numbers not used before.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from orgnet.metrics.measure import Block, names_of
from orgnet.vocabulary import Layer, Level

Ints = NDArray[np.int64]
NAME = "community"


def matched(now: Ints, before: Ints, used: int) -> Ints:
    """The identities of one slice's communities.

    Args:
        now: the number (from 1, without gaps) of the community that each organisation is in.
        before: the identity of the community that it was in before; 0 if it was in none.
        used: the highest identity so far.
    """
    old, place = np.unique(before, return_inverse=True)
    overlap = np.zeros((int(now.max(initial=0)), len(old)), dtype=np.int64)
    np.add.at(overlap, (now - 1, place), 1)
    overlap[:, old == 0] = 0
    identity = np.zeros(len(overlap), dtype=np.int64)
    for community, former in zip(*linear_sum_assignment(overlap, maximize=True), strict=True):
        if overlap[community, former]:
            identity[community] = old[former]
    new = np.flatnonzero(identity == 0)
    identity[new] = used + 1 + np.arange(len(new))
    return identity


def carried(blocks: list[Block]) -> list[Block]:
    """Blocks of organisations' metrics, with communities numbered alike over the slices of each layer."""
    done = list(blocks)
    last: dict[Layer, dict[int, int]] = {}
    used: dict[Layer, int] = {}
    for at in sorted(range(len(blocks)), key=lambda at: blocks[at].slice):
        block = blocks[at]
        column = [m.name for m in names_of(Level.ORGANISATION, block.layer, "graph")].index(NAME)
        there = ~np.isnan(block.values[:, column])
        if not there.any():
            continue
        now, members = block.values[there, column].astype(np.int64), block.entity[there].tolist()
        former, highest = last.get(block.layer, {}), used.get(block.layer, 0)
        identity = matched(now, np.array([former.get(member, 0) for member in members]), highest)
        values = block.values.copy()
        values[there, column] = identity[now - 1]
        done[at] = replace(block, values=values)
        last[block.layer] = dict(zip(members, identity[now - 1].tolist(), strict=True))
        used[block.layer] = max(highest, int(identity.max()))
    return done
