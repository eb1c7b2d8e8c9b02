// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {World} from "./support/World.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";

contract CancelTest is World {
    /// @dev Starts with everything wrong and mends one thing at a time.
    function test_cancel_refusesInOrder() public {
        retire(9, TONNE);
        pause();
        refusesPaused();
        attempt(STRANGER, 9, NO_BATCH, 0, text(513));
        unpause();
        refusesZero();
        attempt(STRANGER, 9, NO_BATCH, 0, text(513));
        refusesUnknownBatch();
        attempt(STRANGER, 9, NO_BATCH, ISSUED, text(513));
        refusesUnknown(STRANGER);
        attempt(STRANGER, 9, BATCH, ISSUED, text(513));
        refusesId(9);
        attempt(HOLDER, 9, BATCH, ISSUED, text(513));
        refusesText(513);
        attempt(HOLDER, 10, BATCH, ISSUED, text(513));
        refusesInsufficient(HOLDER, ISSUED - TONNE, ISSUED);
        attempt(HOLDER, 10, BATCH, ISSUED, "");
        pledge(11, 1);
        refusesEncumbered(ISSUED - TONNE, 1, 0, ISSUED - TONNE);
        attempt(HOLDER, 10, BATCH, ISSUED - TONNE, "");
    }

    function test_cancel_refusesWhenAccountClosed() public {
        close("holder");
        refusesClosed(HOLDER);
        attempt(HOLDER, 1, BATCH, 1, "");
    }

    function test_cancel_cancels() public {
        vm.expectEmit(address(registry));
        emit TransferSingle(HOLDER, HOLDER, address(0), BATCH, 5);
        vm.expectEmit(address(registry));
        emit ICarbonRegistry.CreditsCancelled(1, BATCH, HOLDER, 5, one(0, 5), "reversal");
        attempt(HOLDER, 1, BATCH, 5, "reversal");
        assertTotals(ISSUED - 5, 0, 0, 5);
        assertHolding(HOLDER, ISSUED - 5, 0, 0, 0);
        assertDisposition(1, ICarbonRegistry.Kind.Cancellation, 5, one(0, 5));
        assertFalse(certificate.exists(1));
    }

    function test_cancel_isFinal() public {
        attempt(HOLDER, 1, BATCH, ISSUED, "");
        assertFalse(registry.isRetired(BATCH));
        refuses(abi.encodeWithSelector(ICarbonRegistry.NotLocked.selector, 1));
        release(1, 1);
        refusesInsufficient(HOLDER, 0, 1);
        retire(2, 1);
    }

    function attempt(
        address caller,
        uint256 id,
        uint256 batch,
        uint64 amount,
        string memory reason
    ) private {
        vm.prank(caller);
        registry.cancel(id, batch, amount, reason);
    }
}
