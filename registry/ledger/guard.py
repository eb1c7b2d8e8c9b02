"""Claimed intervals: serials that were issued or are outstanding here, days that were verified.

Source: contracts/libraries/IntervalIndex.sol
"""

from __future__ import annotations

from bisect import bisect_right

from registry.errors import InvariantBroken
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


def free(nodes: tuple[Node, ...], given: Node) -> tuple[Node, ...]:
    """Take an interval out of claimed ones; what is left of its node stays claimed.

    Args:
        nodes: What is claimed, ascending and disjoint.
        given: The interval to free, inside a single node of the same owner.

    Raises:
        InvariantBroken: it is not.
    """
    at = bisect_right(nodes, given.start, key=lambda node: node.start) - 1
    node = nodes[at] if at >= 0 else None
    if node is None or node.end < given.end or node.owner != given.owner:
        raise InvariantBroken(f"free {given}: claimed is {node}")
    left = (Node(node.start, given.start, node.owner), Node(given.end, node.end, node.owner))
    return (*nodes[:at], *(part for part in left if part.start < part.end), *nodes[at + 1 :])
