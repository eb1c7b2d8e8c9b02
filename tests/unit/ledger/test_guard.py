"""Claimed intervals against a model that knows single numbers."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import InvariantBroken
from registry.ledger.guard import claim, free
from registry.ledger.state import Node

CLAIMS = st.lists(
    st.builds(
        lambda start, size, owner: Node(start, start + size, owner),
        st.integers(0, 60),
        st.integers(1, 12),
        st.sampled_from(("ICR", "EcoRegistry")),
    ),
    max_size=30,
)


@given(CLAIMS, st.booleans())
def test_law_claims_are_those_that_were_free(claims: list[Node], merge: bool) -> None:
    nodes: tuple[Node, ...] = ()
    owners: dict[int, str] = {}
    for wanted in claims:
        found = claim(nodes, wanted, merge=merge)
        taken = [number for number in range(wanted.start, wanted.end) if number in owners]
        if taken:
            assert isinstance(found, Node)
            assert found == next(node for node in nodes if node.start <= taken[0] < node.end)
            continue
        assert not isinstance(found, Node)
        nodes = found
        owners.update(dict.fromkeys(range(wanted.start, wanted.end), wanted.owner))
    told = {number: node.owner for node in nodes for number in range(node.start, node.end)}
    assert told == owners
    assert all(a.end <= b.start for a, b in pairwise(nodes))
    if merge:
        assert all(a.end < b.start or a.owner != b.owner for a, b in pairwise(nodes))


@given(CLAIMS)
def test_law_unmerged_claims_stay_as_they_were_made(claims: list[Node]) -> None:
    nodes: tuple[Node, ...] = ()
    made = []
    for wanted in claims:
        found = claim(nodes, wanted, merge=False)
        if not isinstance(found, Node):
            nodes = found
            made.append(wanted)
    assert list(nodes) == sorted(made)


KEPT = (Node(10, 20, "A"), Node(30, 40, "B"), Node(50, 60, "A"))


@pytest.mark.parametrize(
    ("start", "end", "met"),
    [
        (10, 20, KEPT[0]),
        (0, 11, KEPT[0]),
        (19, 21, KEPT[0]),
        (0, 100, KEPT[0]),
        (20, 31, KEPT[1]),
        (35, 36, KEPT[1]),
        (40, 100, KEPT[2]),
    ],
)
def test_claim_names_the_lowest_in_the_way(start: int, end: int, met: Node) -> None:
    assert claim(KEPT, Node(start, end, "A"), merge=True) == met


def test_claim_joins_neighbours_of_its_owner_only() -> None:
    assert claim(KEPT, Node(20, 30, "A"), merge=True) == (Node(10, 30, "A"), *KEPT[1:])
    assert claim(KEPT, Node(20, 30, "B"), merge=True) == (KEPT[0], Node(20, 40, "B"), KEPT[2])
    assert claim(KEPT, Node(20, 30, "C"), merge=True) == (KEPT[0], Node(20, 30, "C"), *KEPT[1:])
    between = (KEPT[0], Node(30, 40, "A"))
    assert claim(between, Node(20, 30, "A"), merge=True) == (Node(10, 40, "A"),)
    assert claim(KEPT, Node(20, 30, "A"), merge=False) == (KEPT[0], Node(20, 30, "A"), *KEPT[1:])


# Freeing.


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ((10, 20), ()),
        ((10, 15), (Node(15, 20, "A"),)),
        ((15, 20), (Node(10, 15, "A"),)),
        ((12, 13), (Node(10, 12, "A"), Node(13, 20, "A"))),
    ],
)
def test_free_leaves_the_rest_of_the_node(given: tuple[int, int], left: tuple[Node, ...]) -> None:
    assert free(KEPT, Node(*given, "A")) == (*left, *KEPT[1:])


@pytest.mark.parametrize(
    "node",
    [
        Node(5, 6, "A"),
        Node(9, 11, "A"),
        Node(19, 21, "A"),
        Node(12, 13, "B"),
        Node(20, 30, "A"),
        Node(60, 61, "A"),
        Node(10, 60, "A"),
    ],
)
def test_free_of_what_is_not_claimed_so_is_a_bug(node: Node) -> None:
    with pytest.raises(InvariantBroken):
        free(KEPT, node)


@given(CLAIMS, st.lists(st.tuples(st.integers(0, 29), st.integers(0, 72), st.integers(1, 12))))
def test_law_what_is_freed_can_be_claimed_again(
    claims: list[Node], frees: list[tuple[int, int, int]]
) -> None:
    nodes: tuple[Node, ...] = ()
    for wanted in claims:
        found = claim(nodes, wanted, merge=True)
        nodes = nodes if isinstance(found, Node) else found
    for at, start, size in frees:
        if not nodes:
            break
        node = nodes[at % len(nodes)]
        inside = Node(max(node.start, start), min(node.end, start + size), node.owner)
        if inside.start < inside.end:
            freed = free(nodes, inside)
            told = {number for one in freed for number in range(one.start, one.end)}
            before = {number for one in nodes for number in range(one.start, one.end)}
            assert told == before - set(range(inside.start, inside.end))
            assert claim(freed, inside, merge=True) == nodes
            nodes = freed if size % 2 else nodes
