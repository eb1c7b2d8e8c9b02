// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TestBase} from "./support/TestBase.sol";
import {ISerialIndex} from "../interfaces/ISerialIndex.sol";
import {NO_HINT} from "../libraries/Constants.sol";
import {IntervalIndex} from "../libraries/IntervalIndex.sol";

/// @title A list that anybody may change, so that a test can expect its refusals.
contract OpenList {
    using IntervalIndex for IntervalIndex.List;

    error Met(uint64 start, uint64 end);

    IntervalIndex.List private _list;

    function insert(uint64 start, uint64 end, uint64 hint) external {
        (uint64 before, uint64 met) = _list.locate(start, end, hint);
        if (met != NO_HINT) revert Met(met, _list.nodes[met].end);
        _list.insert(before, start, end, 1);
    }

    function remove(uint64 start, uint64 end, uint64 hint) external {
        _list.remove(start, end, hint);
    }

    function hintFor(uint64 start) external view returns (uint64) {
        return _list.hintFor(start);
    }

    function endOf(uint64 start) external view returns (uint64) {
        return _list.nodes[start].end;
    }
}

contract IntervalIndexTest is TestBase {
    OpenList private list = new OpenList();

    function test_remove_splitsANode() public {
        list.insert(10, 40, NO_HINT);
        list.remove(20, 30, 10);
        assertNode(10, 20);
        assertNode(30, 40);
        list.insert(20, 30, 10);
        assertNode(10, 40);
        assertNode(30, 0);
    }

    function test_remove_trimsANode() public {
        list.insert(10, 40, NO_HINT);
        list.remove(10, 15, NO_HINT);
        assertNode(10, 0);
        assertNode(15, 40);
        list.remove(35, 40, 15);
        assertNode(15, 35);
        list.remove(15, 35, NO_HINT);
        assertNode(15, 0);
        assertEq(list.hintFor(100), NO_HINT);
        list.insert(0, 5, NO_HINT);
        assertNode(0, 5);
        list.remove(0, 2, NO_HINT);
        assertNode(2, 5);
        list.remove(2, 5, NO_HINT);
        assertEq(list.hintFor(100), NO_HINT);
    }

    function test_remove_keepsTheOthersLinked() public {
        list.insert(0, 10, NO_HINT);
        list.insert(20, 30, 0);
        list.insert(40, 50, 20);
        list.remove(20, 30, 0);
        assertEq(list.hintFor(45), 40);
        assertEq(list.hintFor(39), 0);
        list.remove(40, 50, NO_HINT);
        assertEq(list.hintFor(45), 0);
    }

    function test_remove_refusesStaleHints() public {
        list.insert(10, 20, NO_HINT);
        refusesHint(10);
        list.remove(10, 20, 10);
        refusesHint(11);
        list.remove(12, 15, 11);
        refusesHint(15);
        list.remove(12, 15, 15);
        list.remove(12, 15, 10);
    }

    function test_remove_followsAtMostThirtyTwoLinks() public {
        for (uint64 i = 0; i < 34; ++i) {
            list.insert(10 * i, 10 * i + 5, i == 0 ? NO_HINT : 10 * (i - 1));
        }
        refusesHint(NO_HINT);
        list.remove(331, 332, NO_HINT);
        list.remove(331, 332, 10);
        assertNode(330, 331);
        assertNode(332, 335);
    }

    /// @dev Whoever removes what is not there has forgotten a check.
    function test_remove_panicsWhereNotAllIsThere() public {
        list.insert(10, 20, NO_HINT);
        panics();
        list.remove(5, 8, NO_HINT);
        panics();
        list.remove(15, 21, 10);
        panics();
        list.remove(20, 21, 10);
        panics();
        list.remove(10, 21, NO_HINT);
        panics();
        list.remove(15, 15, 10);
    }

    function test_fuzz_remove_agreesWithATable(uint256 seed) public {
        bool[] memory taken = new bool[](64);
        for (uint256 i = 0; i < 60; ++i) {
            seed = uint256(keccak256(abi.encode(seed, i)));
            uint64 start = uint64(seed % 58);
            uint64 end = start + 1 + uint64((seed >> 64) % 6);
            uint256 count = 0;
            for (uint64 gram = start; gram < end; ++gram) {
                if (taken[gram]) ++count;
            }
            bool adds = count == 0;
            if (count != 0 && count != end - start) continue;
            if (adds) list.insert(start, end, list.hintFor(start));
            else list.remove(start, end, start == 0 ? NO_HINT : list.hintFor(start - 1));
            for (uint64 gram = start; gram < end; ++gram) taken[gram] = adds;
        }
        assertTable(taken);
    }

    /// @dev Neighbours have merged, so that each run of the table is one node.
    function assertTable(bool[] memory taken) private view {
        for (uint64 gram = 0; gram < 64; ++gram) {
            uint64 end = 0;
            if (taken[gram] && (gram == 0 || !taken[gram - 1])) {
                for (end = gram; end < 64 && taken[end]; ) ++end;
            }
            assertNode(gram, end);
        }
    }

    function assertNode(uint64 start, uint64 end) private view {
        assertEq(list.endOf(start), end);
    }

    function refusesHint(uint64 hint) private {
        vm.expectRevert(abi.encodeWithSelector(ISerialIndex.StaleHint.selector, hint));
    }

    function panics() private {
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 1));
    }
}
