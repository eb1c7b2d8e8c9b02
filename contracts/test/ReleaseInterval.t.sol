// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Partition} from "./support/Partition.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";
import {Roles} from "../libraries/Roles.sol";
import {Interval, interval} from "../types/Interval.sol";

contract ReleaseIntervalTest is Partition {
    function setUp() public override {
        super.setUp();
        lock(1, 100);
    }

    /// @dev Starts with everything wrong and mends one thing at a time.
    function test_releaseInterval_refusesInOrder() public {
        refusesRole(STRANGER, Roles.OPERATOR);
        vm.prank(STRANGER);
        registry.releaseInterval(2, START + 200, 0);
        refusesZero();
        releasePart(2, 200, 0);
        refuses(abi.encodeWithSelector(ICarbonRegistry.NotLocked.selector, 2));
        releasePart(2, 200, 101);
        refuses(
            abi.encodeWithSelector(ICarbonRegistry.AboveLockedAmount.selector, 1, 100, 101)
        );
        releasePart(1, 200, 101);
        refusesNotHeld(200, 300);
        releasePart(1, 200, 100);
        refusesNotHeld(99, 101);
        releasePart(1, 99, 2);
        releasePart(1, 98, 2);
        refusesNotHeld(97, 99);
        releasePart(1, 97, 2);
    }

    function test_releaseInterval_takesAPieceApart() public {
        vm.expectEmit(address(registry));
        emit TransferSingle(OPERATOR, address(0), HOLDER, BATCH, 10);
        vm.expectEmit(address(registry));
        emit ICarbonRegistry.CreditsReleased(1, BATCH, HOLDER, 10, one(40, 50));
        releasePart(1, 40, 10);
        assertTotals(ISSUED - 90, 90, 0, 0);
        assertDisposition(1, ICarbonRegistry.Kind.Lock, 90, two(0, 40, 50, 100));
        releasePart(1, 0, 10);
        assertEq(registry.intervalsOf(1), two(10, 40, 50, 100));
        releasePart(1, 90, 10);
        assertEq(registry.intervalsOf(1), two(10, 40, 50, 90));
        releasePart(1, 60, 10);
        Interval[] memory pieces = new Interval[](3);
        pieces[0] = interval(START + 10, START + 40);
        pieces[1] = interval(START + 50, START + 60);
        pieces[2] = interval(START + 70, START + 90);
        assertEq(registry.intervalsOf(1), pieces);
        // A piece that goes whole is replaced by the last one.
        releasePart(1, 10, 30);
        assertEq(registry.intervalsOf(1), two(70, 90, 50, 60));
        releasePart(1, 50, 10);
        assertEq(registry.intervalsOf(1), one(70, 90));
        release(1, 20);
        assertTotals(ISSUED, 0, 0, 0);
        assertFills(none(), 0, 1);
    }

    function test_releaseInterval_worksWhenPausedFrozenAndClosed() public {
        freeze(HOLDER, ISSUED);
        close("holder");
        pause();
        releasePart(1, 10, 10);
        assertHolding(HOLDER, ISSUED - 90, 0, ISSUED, 0);
    }

    /// @dev Positions of pieces go round: what went from the front makes room at the end.
    function test_releaseInterval_goesOnForever() public {
        release(1, 1);
        for (uint64 i = 0; i < 300; ++i) {
            lock(10 + i, 1);
            release(10 + i, 1);
        }
        lock(2, 2_000);
        for (uint64 i = 0; i < 400; ++i) {
            // One piece more at the end, one less at the front.
            Interval[] memory held = registry.intervalsOf(2);
            Interval last = held[held.length - 1];
            vm.prank(OPERATOR);
            registry.releaseInterval(2, last.start() + 1, 1);
            if (held.length > 2) release(2, held[0].span());
        }
        assertEq(registry.intervalsOf(2).length, 3);
        assertFills(none(), 0, 2);
    }

    function test_fuzz_releaseInterval_keepsEveryGramInOnePlace(uint256 seed) public {
        for (uint256 step = 0; step < 30; ++step) {
            seed = uint256(keccak256(abi.encode(seed, step)));
            Interval[] memory held = registry.intervalsOf(1);
            if (held.length == 0) break;
            Interval piece = held[(seed >> 8) % held.length];
            uint64 start = uint64(bound(seed >> 32, piece.start(), piece.end() - 1));
            uint64 amount = uint64(bound(seed >> 128, 1, piece.end() - start));
            vm.prank(OPERATOR);
            if (seed % 4 == 0) registry.release(1, 1);
            else registry.releaseInterval(1, start, amount);
        }
        assertFills(none(), 0, 1);
        ICarbonRegistry.Totals memory totals = registry.totalsOf(BATCH);
        assertEq(registry.balanceOf(HOLDER, BATCH), totals.active);
        assertEq(totals.locked, registry.dispositionOf(1).amount);
    }

    function releasePart(uint256 id, uint64 from, uint64 amount) private {
        vm.prank(OPERATOR);
        registry.releaseInterval(id, START + from, amount);
    }

    function refusesNotHeld(uint64 from, uint64 to) private {
        refuses(
            abi.encodeWithSelector(
                ICarbonRegistry.NotOutstanding.selector,
                1,
                START + from,
                START + to
            )
        );
    }
}
