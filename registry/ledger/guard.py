"""Claimed intervals: serials of a scope that were issued, days of a project that were verified.

Source: contracts/libraries/IntervalIndex.sol
"""

from __future__ import annotations

from bisect import bisect_right

from registry.ledger.state import Node


def claim(nodes: tuple[Node, ...], wanted: Node, *, merge: bool) -> tuple[Node, ...] | Node:
    """Add an interval to disjoint, ascending ones.

    Args:
        nodes: What is claimed, ascending and disjoint.
        wanted: The interval to claim; not empty.
        merge: Whether to join it with neighbours of the same owner.

    Returns:
        The new nodes; or, where some of it is taken, the lowest node in the way.
    """
    after = bisect_right(nodes, wanted.start, key=lambda node: node.start)
    before = after - 1
    if before >= 0 and nodes[before].end > wanted.start:
        return nodes[before]
    if after < len(nodes) and nodes[after].start < wanted.end:
        return nodes[after]
    start, end = wanted.start, wanted.end
    first, last = after, after
    if merge and before >= 0 and nodes[before][1:] == (start, wanted.owner):
        first, start = before, nodes[before].start
    if merge and after < len(nodes) and nodes[after][::2] == (end, wanted.owner):
        last, end = after + 1, nodes[after].end
    return (*nodes[:first], Node(start, end, wanted.owner), *nodes[last:])
