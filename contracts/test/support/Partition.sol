// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {World} from "./World.sol";
import {Interval} from "../../types/Interval.sol";

/// @title Says whether every gram of BATCH is in exactly one place.
abstract contract Partition is World {
    /// @dev Puts together `gone` (the first `count` of it), what is free, and what the ids up to
    /// `last` hold: in order they must touch without overlap, from the first gram to the last.
    function assertFills(Interval[] memory gone, uint256 count, uint256 last) internal view {
        (uint64 cursor, uint64 end, Interval[] memory stack) = registry.releasedOf(BATCH);
        Interval[] memory all = new Interval[](count + stack.length + 16 * last);
        uint256 total = 0;
        for (; total < count; ++total) all[total] = gone[total];
        total = append(all, total, stack);
        for (uint256 id = 1; id <= last; ++id) {
            total = append(all, total, registry.intervalsOf(id));
        }
        sort(all, total);
        uint64 next = START;
        for (uint256 i = 0; i < total; ++i) {
            assertEq(all[i].start(), next);
            next = all[i].end();
        }
        assertEq(next, cursor);
        assertEq(end, START + ISSUED);
    }

    function append(
        Interval[] memory all,
        uint256 count,
        Interval[] memory more
    ) internal pure returns (uint256) {
        for (uint256 i = 0; i < more.length; ++i) all[count++] = more[i];
        return count;
    }

    function sort(Interval[] memory all, uint256 count) internal pure {
        for (uint256 i = 1; i < count; ++i) {
            Interval item = all[i];
            uint256 j = i;
            for (; j > 0 && all[j - 1].start() > item.start(); --j) all[j] = all[j - 1];
            all[j] = item;
        }
    }
}
