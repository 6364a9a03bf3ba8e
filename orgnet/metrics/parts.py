"""Into which parts a network falls, and into which it would fall without each organisation."""

import numpy as np

from orgnet.metrics.arrays import Arrays, Places, Vector, once, undirected_graph


@once
def part_sizes(arrays: Arrays) -> Places:
    """The number of organisations in each separate part, direction ignored; an organisation without ties is one."""
    return np.array(undirected_graph(arrays).connected_components().sizes(), dtype=np.int64)


def pairs_within(sizes: Places) -> int:
    """Ordered pairs of organisations that have a chain of ties between them, in parts of these sizes."""
    return int((sizes * (sizes - 1)).sum())


def pairs_left_without(arrays: Arrays) -> Vector:
    """For each organisation, the ordered pairs of others that would have a chain of ties between them without it.

    The organisations and their blocks (sets that hold together whoever leaves) make a tree for each part. Taking an
    organisation away leaves the branches of the tree that hang on it, and the rest.
    """
    graph, n = undirected_graph(arrays), arrays.n
    component = graph.connected_components()
    size_of = np.array(component.sizes())[np.array(component.membership)]
    blocks = [list(block) for block in graph.biconnected_components()]
    blocks_of: list[list[int]] = [[] for _ in range(n)]
    for number, block in enumerate(blocks):
        for vertex in block:
            blocks_of[vertex].append(number)
    left = np.full(n, pairs_within(part_sizes(arrays)), dtype=np.float64) - size_of * (size_of - 1)
    below, seen = np.ones(n), [False] * len(blocks)
    for root in (part[0] for part in component):
        order, at = [(root, -1)], 0
        while at < len(order):  # from the root outwards: each organisation once, with the block it was reached by
            vertex, _ = order[at]
            at += 1
            for number in blocks_of[vertex]:
                if not seen[number]:
                    seen[number] = True
                    order.extend((other, number) for other in blocks[number] if other != vertex)
        in_block: dict[int, float] = {}
        for vertex, reached_by in reversed(order):
            branches = [in_block[number] for number in blocks_of[vertex] if number != reached_by]
            below[vertex] += sum(branches)
            rest = size_of[vertex] - below[vertex]
            left[vertex] += sum(size * (size - 1) for size in [*branches, rest])
            in_block[reached_by] = in_block.get(reached_by, 0.0) + below[vertex]
    return left
