// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {World} from "./support/World.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";
import {Interval} from "../types/Interval.sol";
import {Roles} from "../libraries/Roles.sol";
import {RefusingReceiver} from "../mocks/RefusingReceiver.sol";

contract ReleaseTest is World {
    function setUp() public override {
        super.setUp();
        lock(1, 10);
    }

    /// @dev Starts with everything wrong and mends one thing at a time.
    function test_release_refusesInOrder() public {
        refusesRole(STRANGER, Roles.OPERATOR);
        vm.prank(STRANGER);
        registry.release(2, 0);
        refusesZero();
        release(2, 0);
        refuses(abi.encodeWithSelector(ICarbonRegistry.NotLocked.selector, 2));
        release(2, 11);
        refuses(
            abi.encodeWithSelector(ICarbonRegistry.AboveLockedAmount.selector, 1, 10, 11)
        );
        release(1, 11);
        release(1, 10);
        refuses(abi.encodeWithSelector(ICarbonRegistry.NotLocked.selector, 1));
        release(1, 1);
    }

    function test_release_refusesPledgeAndRequest() public {
        pledge(2, 1);
        request(3, 1, uint64(block.timestamp) + 1);
        refuses(abi.encodeWithSelector(ICarbonRegistry.NotLocked.selector, 2));
        release(2, 1);
        refuses(abi.encodeWithSelector(ICarbonRegistry.NotLocked.selector, 3));
        release(3, 1);
    }

    function test_release_givesBackFromTheFront() public {
        vm.expectEmit(address(registry));
        emit TransferSingle(OPERATOR, address(0), HOLDER, BATCH, 4);
        vm.expectEmit(address(registry));
        emit ICarbonRegistry.CreditsReleased(1, BATCH, HOLDER, 4, one(0, 4));
        release(1, 4);
        assertTotals(ISSUED - 6, 6, 0, 0);
        assertHolding(HOLDER, ISSUED - 6, 0, 0, 0);
        assertDisposition(1, ICarbonRegistry.Kind.Lock, 6, one(4, 10));
        assertStack(10, one(0, 4));
        release(1, 6);
        assertTotals(ISSUED, 0, 0, 0);
        assertDisposition(1, ICarbonRegistry.Kind.Lock, 0, none());
        // The last piece touches the cursor, and the one under it then does too.
        assertStack(0, none());
    }

    function test_release_worksWhenPausedFrozenAndClosed() public {
        freeze(HOLDER, ISSUED);
        close("holder");
        pause();
        release(1, 10);
        assertHolding(HOLDER, ISSUED, 0, ISSUED, 0);
    }

    function test_release_leavesTheIdUsed() public {
        release(1, 10);
        refusesId(1);
        lock(1, 1);
    }

    function test_release_worksWhenReceiverRefuses() public {
        RefusingReceiver refuser = refuserHolding(false);
        vm.prank(OPERATOR);
        registry.release(2, 5);
        assertHolding(address(refuser), 5, 0, 0, 0);
    }

    function test_release_boundsWhatAReceiverBurns() public {
        RefusingReceiver refuser = refuserHolding(true);
        uint256 before = gasleft();
        vm.prank(OPERATOR);
        registry.release(2, 5);
        assertAtMost(before - gasleft(), 200_000);
        assertHolding(address(refuser), 5, 0, 0, 0);
    }

    /// @dev It would refuse a transfer, so it gets its credits before it has code.
    function refuserHolding(bool greedy) private returns (RefusingReceiver refuser) {
        address future = vm.computeCreateAddress(
            address(this),
            vm.getNonce(address(this))
        );
        open(future, "refuser");
        vm.prank(HOLDER);
        registry.safeTransferFrom(HOLDER, future, BATCH, 5, "");
        vm.prank(OPERATOR);
        registry.lock(2, BATCH, future, 5, "");
        refuser = new RefusingReceiver(greedy);
        assertEq(address(refuser), future);
    }

    function assertStack(uint64 cursor, Interval[] memory stack) private view {
        (uint64 next, uint64 end, Interval[] memory kept) = registry.releasedOf(BATCH);
        assertEq(next, START + cursor);
        assertEq(end, START + ISSUED);
        assertEq(kept, stack);
    }
}
