// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISerialIndex} from "../interfaces/ISerialIndex.sol";
import {NO_HINT} from "./Constants.sol";

/// @title Disjoint intervals in ascending order, as a linked list.
/// @dev A node's key is the start of its interval. The key NO_HINT is the list's anchor: its
/// `next` is the lowest node. A node exists if its end is not 0; the last one's next is NO_HINT.
library IntervalIndex {
    /// @dev Links followed from a hint, at most. Bounds what a claim costs.
    uint256 internal constant STEPS_MAX = 32;

    struct Node {
        uint64 end;
        uint64 next;
        uint32 owner;
    }

    struct List {
        mapping(uint64 start => Node) nodes;
    }

    /// @notice Looks for the place of [start, end), start < end.
    /// @return before The last node that starts at or before `start`, or NO_HINT.
    /// @return met The lowest node that meets [start, end), or NO_HINT.
    /// @dev Reverts: StaleHint.
    function locate(
        List storage list,
        uint64 start,
        uint64 end,
        uint64 hint
    ) internal view returns (uint64 before, uint64 met) {
        if (hint != NO_HINT && (hint > start || list.nodes[hint].end == 0)) {
            revert ISerialIndex.StaleHint(hint);
        }
        before = hint;
        uint64 next = _next(list, before);
        // Stops at the end of the list too: start < end, so start is below NO_HINT.
        for (uint256 steps = 0; next <= start; ++steps) {
            if (steps == STEPS_MAX) revert ISerialIndex.StaleHint(hint);
            before = next;
            next = list.nodes[before].next;
        }
        met = NO_HINT;
        if (before != NO_HINT && list.nodes[before].end > start) met = before;
        else if (next < end) met = next;
    }

    /// @notice Puts [start, end) behind `before`, as `locate` found it free.
    /// @dev Neighbours of the same owner merge; owner 0 never does.
    function insert(
        List storage list,
        uint64 before,
        uint64 start,
        uint64 end,
        uint32 owner
    ) internal {
        Node memory previous = list.nodes[before];
        uint64 next = _next(list, before);
        if (next == end && owner != 0) {
            Node memory following = list.nodes[next];
            if (following.owner == owner) {
                delete list.nodes[next];
                (end, next) = (following.end, following.next);
            }
        }
        if (previous.end == start && previous.owner == owner && owner != 0) {
            list.nodes[before] = Node(end, next, owner);
        } else {
            list.nodes[start] = Node(end, next, owner);
            list.nodes[before].next = start;
        }
    }

    /// @notice Takes [start, end) out of the node that has all of it; what is left stays.
    /// @param hint A node that starts before `start`, or NO_HINT.
    /// @dev Reverts: StaleHint; with Panic if no node has all of it.
    function remove(List storage list, uint64 start, uint64 end, uint64 hint) internal {
        if (hint != NO_HINT && (hint >= start || list.nodes[hint].end == 0)) {
            revert ISerialIndex.StaleHint(hint);
        }
        uint64 before = hint;
        uint64 next = _next(list, before);
        for (uint256 steps = 0; next < start; ++steps) {
            if (steps == STEPS_MAX) revert ISerialIndex.StaleHint(hint);
            before = next;
            next = list.nodes[before].next;
        }
        uint64 key = next == start ? start : before;
        Node memory node = list.nodes[key];
        assert(end <= node.end && start < end);
        uint64 following = node.next;
        if (end < node.end) {
            list.nodes[end] = Node(node.end, following, node.owner);
            following = end;
        }
        if (key == start) {
            delete list.nodes[start];
            list.nodes[before].next = following;
        } else {
            list.nodes[before] = Node(start, following, node.owner);
        }
    }

    /// @notice The last node that starts at or before `start`, or NO_HINT. Walks without bound.
    function hintFor(List storage list, uint64 start) internal view returns (uint64 before) {
        before = NO_HINT;
        uint64 next = _next(list, before);
        while (next <= start && next != NO_HINT) {
            before = next;
            next = list.nodes[before].next;
        }
    }

    /// @dev The anchor of an empty list reads 0, which then is no node.
    function _next(List storage list, uint64 key) private view returns (uint64 next) {
        next = list.nodes[key].next;
        if (next == 0 && list.nodes[0].end == 0) next = NO_HINT;
    }
}
