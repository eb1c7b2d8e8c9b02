// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {World} from "./support/World.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";

contract PledgeTest is World {
    /// @dev Starts with everything wrong and mends one thing at a time.
    function test_pledge_refusesInOrder() public {
        retire(9, TONNE);
        pause();
        refusesPaused();
        attempt(STRANGER, 9, NO_BATCH, 0, STRANGER);
        unpause();
        refusesZero();
        attempt(STRANGER, 9, NO_BATCH, 0, STRANGER);
        refusesUnknownBatch();
        attempt(STRANGER, 9, NO_BATCH, ISSUED, STRANGER);
        refusesUnknown(STRANGER);
        attempt(STRANGER, 9, BATCH, ISSUED, BUYER);
        refusesUnknown(STRANGER);
        attempt(HOLDER, 9, BATCH, ISSUED, STRANGER);
        refusesId(9);
        attempt(HOLDER, 9, BATCH, ISSUED, LENDER);
        refusesInsufficient(HOLDER, ISSUED - TONNE, ISSUED);
        attempt(HOLDER, 10, BATCH, ISSUED, LENDER);
        pledge(11, 3);
        freeze(HOLDER, 4);
        refusesEncumbered(ISSUED - TONNE, 3, 4, ISSUED - TONNE - 6);
        attempt(HOLDER, 10, BATCH, ISSUED - TONNE - 6, LENDER);
        attempt(HOLDER, 10, BATCH, ISSUED - TONNE - 7, LENDER);
    }

    function test_pledge_refusesWhenEitherAccountIsClosed() public {
        close("lender");
        refusesClosed(LENDER);
        pledge(1, 1);
        close("holder");
        refusesClosed(HOLDER);
        pledge(1, 1);
    }

    function test_pledge_encumbers() public {
        vm.expectEmit(address(registry));
        emit ICarbonRegistry.CreditsPledged(1, BATCH, HOLDER, LENDER, 30);
        pledge(1, 30);
        assertTotals(ISSUED, 0, 0, 0);
        assertHolding(HOLDER, ISSUED, 30, 0, 0);
        assertHolding(LENDER, 0, 0, 0, 0);
        assertDisposition(1, ICarbonRegistry.Kind.Pledge, 30, none());
        assertEq(registry.dispositionOf(1).lender, LENDER);
    }

    function test_pledge_keepsCreditsFromRetiring() public {
        pledge(1, ISSUED);
        refusesEncumbered(ISSUED, ISSUED, 0, 1);
        retire(2, 1);
        refusesEncumbered(ISSUED, ISSUED, 0, 1);
        vm.prank(HOLDER);
        registry.cancel(2, BATCH, 1, "");
        refusesEncumbered(ISSUED, ISSUED, 0, 1);
        lock(2, 1);
    }

    function attempt(
        address caller,
        uint256 id,
        uint256 batch,
        uint64 amount,
        address lender
    ) private {
        vm.prank(caller);
        registry.pledge(id, batch, amount, lender);
    }
}
