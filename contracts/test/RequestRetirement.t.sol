// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {World} from "./support/World.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";

contract RequestRetirementTest is World {
    /// @dev Starts with everything wrong and mends one thing at a time.
    function test_requestRetirement_refusesInOrder() public {
        uint64 time = uint64(block.timestamp);
        lock(9, TONNE);
        ICarbonRegistry.RetireOrder memory order = retireOrder(9, 0);
        (order.batch, order.claim.jurisdiction) = (NO_BATCH, text(513));
        pause();
        refusesPaused();
        attempt(STRANGER, order, time);
        unpause();
        refusesZero();
        attempt(STRANGER, order, time);
        order.amount = ISSUED;
        refuses(
            abi.encodeWithSelector(ICarbonRegistry.DeadlineTooEarly.selector, time, time)
        );
        attempt(STRANGER, order, time);
        refusesUnknownBatch();
        attempt(STRANGER, order, time + 1);
        order.batch = BATCH;
        refusesUnknown(STRANGER);
        attempt(STRANGER, order, time + 1);
        refusesId(9);
        attempt(HOLDER, order, time + 1);
        order.id = 10;
        refusesText(513);
        attempt(HOLDER, order, time + 1);
        order.claim.jurisdiction = text(512);
        refusesInsufficient(HOLDER, ISSUED - TONNE, ISSUED);
        attempt(HOLDER, order, time + 1);
        order.amount = ISSUED - TONNE;
        freeze(HOLDER, 1);
        refusesEncumbered(ISSUED - TONNE, 0, 1, ISSUED - TONNE);
        attempt(HOLDER, order, time + 1);
        freeze(HOLDER, 0);
        attempt(HOLDER, order, time + 1);
    }

    function test_requestRetirement_refusesWhenAccountClosed() public {
        close("holder");
        refusesClosed(HOLDER);
        attempt(HOLDER, retireOrder(1, 1), uint64(block.timestamp) + 1);
    }

    function test_requestRetirement_locksInBothModes() public {
        uint64 deadline = uint64(block.timestamp) + 10;
        ICarbonRegistry.RetireOrder memory order = retireOrder(1, 2 * TONNE);
        vm.expectEmit(address(registry));
        emit TransferSingle(HOLDER, HOLDER, address(0), BATCH, 2 * TONNE);
        vm.expectEmit(address(registry));
        emit ICarbonRegistry.RetirementRequested(
            1,
            BATCH,
            HOLDER,
            2 * TONNE,
            deadline,
            one(0, 2 * TONNE),
            order.claim
        );
        attempt(HOLDER, order, deadline);
        assertTotals(98 * TONNE, 2 * TONNE, 0, 0);
        assertHolding(HOLDER, 98 * TONNE, 0, 0, 0);
        assertDisposition(1, ICarbonRegistry.Kind.Request, 2 * TONNE, one(0, 2 * TONNE));
        ICarbonRegistry.Disposition memory found = registry.dispositionOf(1);
        assertEq(found.deadline, deadline);
        assertEq(found.claim, keccak256(abi.encode(order.claim)));
        assertEq(found.holder, HOLDER);
        assertEq(found.batch, BATCH);
        assertFalse(certificate.exists(1));
    }

    function attempt(
        address caller,
        ICarbonRegistry.RetireOrder memory order,
        uint64 deadline
    ) private {
        vm.prank(caller);
        registry.requestRetirement(order, deadline);
    }
}
