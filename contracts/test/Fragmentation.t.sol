// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Partition} from "./support/Partition.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";
import {Interval, interval} from "../types/Interval.sol";

/// @dev Which serials are taken, and where they go when given back.
contract FragmentationTest is Partition {
    function test_take_prefersTheTopThatHasEnough() public {
        scatter(2);
        // Stack: [0, 2), [4, 6); the cursor is at 8. The top has enough for 1 and for 2.
        lock(50, 1);
        assertDisposition(50, ICarbonRegistry.Kind.Lock, 1, one(4, 5));
        lock(51, 1);
        assertDisposition(51, ICarbonRegistry.Kind.Lock, 1, one(5, 6));
        lock(52, 2);
        assertDisposition(52, ICarbonRegistry.Kind.Lock, 2, one(0, 2));
        lock(53, 2);
        assertDisposition(53, ICarbonRegistry.Kind.Lock, 2, one(8, 10));
    }

    function test_take_goesToTheCursorWhenTheTopIsTooSmall() public {
        scatter(2);
        lock(50, 3);
        assertDisposition(50, ICarbonRegistry.Kind.Lock, 3, one(8, 11));
        assertState(11, two(0, 2, 4, 6));
    }

    function test_take_takesPiecesWhenNeitherHasEnough() public {
        scatter(2);
        // Active is 4 in the stack and the rest from 8 on.
        lock(50, ISSUED - 8 + 3);
        Interval[] memory pieces = new Interval[](3);
        pieces[0] = interval(START + 4, START + 6);
        pieces[1] = interval(START + 0, START + 2);
        pieces[2] = interval(START + 8, START + ISSUED - 1);
        assertDisposition(50, ICarbonRegistry.Kind.Lock, ISSUED - 5, pieces);
        // Given back, the pieces touch nothing but the cursor, last.
        release(50, 3);
        assertState(ISSUED - 1, two(4, 6, 0, 1));
        release(50, ISSUED - 8);
        assertTotals(ISSUED - 4, 4, 0, 0);
        assertState(8, two(4, 6, 0, 2));
    }

    function test_take_survivesFortyReleasedLocks() public {
        scatter(40);
        // Before the rule, forty released one-gram locks made such a retirement fail.
        retire(1000, ISSUED - 160);
        assertHolding(HOLDER, 80, 0, 0, ISSUED - 160);
    }

    function test_take_saysWhatTheCursorHasWhereThatIsMore() public {
        scatter(20);
        uint64 room = ISSUED - 80;
        refuses(abi.encodeWithSelector(ICarbonRegistry.TooFragmented.selector, BATCH, room));
        retire(1000, room + 33);
        retire(1000, room);
        assertHolding(HOLDER, 40, 0, 0, room);
    }

    function test_take_refusesMoreThanSixteenPieces() public {
        scatter(20);
        retire(1000, ISSUED - 80);
        // Twenty pieces of two are left.
        refuses(abi.encodeWithSelector(ICarbonRegistry.TooFragmented.selector, BATCH, 32));
        retire(1001, 33);
        retire(1001, 32);
        retire(1002, 8);
        assertTotals(0, 40, ISSUED - 40, 0);
    }

    function test_take_countsTheCursorAsAPiece() public {
        scatter(16);
        retire(1000, ISSUED - 65);
        refuses(abi.encodeWithSelector(ICarbonRegistry.TooFragmented.selector, BATCH, 32));
        retire(1001, 33);
        lock(1002, 2);
        // Fifteen in the stack and one gram at the cursor: sixteen pieces.
        retire(1001, 31);
        assertTotals(0, 34, ISSUED - 34, 0);
    }

    function test_giveBack_mergesWithTheTopOnEitherSide() public {
        for (uint256 id = 1; id <= 4; ++id) lock(id, 10);
        release(2, 10);
        release(3, 10);
        assertState(40, one(10, 30));
        release(1, 10);
        assertState(40, one(0, 30));
        release(4, 10);
        assertState(0, none());
    }

    function test_giveBack_popsAtMostSixteenUnderTheCursor() public {
        // Pieces that come back below the top grow it downwards until it touches the one under
        // it: so the stack gets twenty neighbours, [0, 1), [1, 3), [3, 5) and so on.
        for (uint256 id = 1; id <= 41; ++id) lock(id, 1);
        release(1, 1);
        for (uint256 id = 3; id < 40; id += 2) {
            release(id, 1);
            release(id - 1, 1);
        }
        release(40, 1);
        (, , Interval[] memory stack) = registry.releasedOf(BATCH);
        assertEq(stack.length, 20);
        release(41, 1);
        stack = new Interval[](4);
        stack[0] = interval(START, START + 1);
        for (uint64 i = 1; i < 4; ++i) {
            stack[i] = interval(START + 2 * i - 1, START + 2 * i + 1);
        }
        assertState(7, stack);
        assertTotals(ISSUED, 0, 0, 0);
    }

    /// @dev Nearly all is cancelled at first, so that most takings need several pieces.
    function test_fuzz_take_keepsEveryGramInOnePlace(uint256 seed) public {
        scatter(10);
        vm.prank(HOLDER);
        registry.cancel(21, BATCH, ISSUED - 50, "");
        uint256 last = 21;
        for (uint256 step = 0; step < 40; ++step) {
            seed = uint256(keccak256(abi.encode(seed, step)));
            uint64 balance = uint64(registry.balanceOf(HOLDER, BATCH));
            if (seed % 2 == 0 && balance > 0) {
                lock(++last, uint64(bound(seed >> 8, 1, balance < 12 ? balance : 12)));
            } else {
                uint256 id = 1 + ((seed >> 8) % last);
                uint64 held = registry.dispositionOf(id).amount;
                if (id == 21 || held == 0) continue;
                release(id, uint64(bound(seed >> 16, 1, held)));
            }
        }
        assertFills(none(), 0, last);
        ICarbonRegistry.Totals memory totals = registry.totalsOf(BATCH);
        assertEq(registry.balanceOf(HOLDER, BATCH), totals.active);
        assertEq(totals.active + totals.locked, 50);
    }

    /// @dev Locks twice as many pieces of two grams and releases every other one, so that the
    /// stack has `count` pieces that touch neither each other nor the cursor.
    function scatter(uint256 count) private {
        for (uint256 id = 1; id <= 2 * count; ++id) lock(id, 2);
        for (uint256 id = 1; id <= count; ++id) release(2 * id - 1, 2);
    }

    function assertState(uint64 cursor, Interval[] memory stack) private view {
        (uint64 next, , Interval[] memory kept) = registry.releasedOf(BATCH);
        assertEq(next, START + cursor);
        assertEq(kept, stack);
    }
}
