// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {World} from "./support/World.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";
import {Roles} from "../libraries/Roles.sol";

contract LockTest is World {
    /// @dev Starts with everything wrong and mends one thing at a time.
    function test_lock_refusesInOrder() public {
        retire(9, TONNE);
        pause();
        refusesPaused();
        attempt(STRANGER, 9, NO_BATCH, STRANGER, 0, text(513));
        unpause();
        refusesRole(STRANGER, Roles.OPERATOR);
        attempt(STRANGER, 9, NO_BATCH, STRANGER, 0, text(513));
        refusesZero();
        attempt(OPERATOR, 9, NO_BATCH, STRANGER, 0, text(513));
        refusesUnknownBatch();
        attempt(OPERATOR, 9, NO_BATCH, STRANGER, ISSUED, text(513));
        refusesUnknown(STRANGER);
        attempt(OPERATOR, 9, BATCH, STRANGER, ISSUED, text(513));
        refusesId(9);
        attempt(OPERATOR, 9, BATCH, HOLDER, ISSUED, text(513));
        refusesText(513);
        attempt(OPERATOR, 10, BATCH, HOLDER, ISSUED, text(513));
        refusesInsufficient(HOLDER, ISSUED - TONNE, ISSUED);
        attempt(OPERATOR, 10, BATCH, HOLDER, ISSUED, "");
        pledge(11, 1);
        freeze(HOLDER, 2);
        refusesEncumbered(ISSUED - TONNE, 1, 2, ISSUED - TONNE - 2);
        attempt(OPERATOR, 10, BATCH, HOLDER, ISSUED - TONNE - 2, "");
    }

    function test_lock_refusesWhenAccountClosed() public {
        close("holder");
        refusesClosed(HOLDER);
        lock(1, 1);
    }

    function test_lock_locks() public {
        vm.expectEmit(address(registry));
        emit TransferSingle(OPERATOR, HOLDER, address(0), BATCH, 5);
        vm.expectEmit(address(registry));
        emit ICarbonRegistry.CreditsLocked(1, BATCH, HOLDER, 5, one(0, 5), "why");
        attempt(OPERATOR, 1, BATCH, HOLDER, 5, "why");
        assertTotals(ISSUED - 5, 5, 0, 0);
        assertHolding(HOLDER, ISSUED - 5, 0, 0, 0);
        assertDisposition(1, ICarbonRegistry.Kind.Lock, 5, one(0, 5));
    }

    function test_lock_keepsCreditsFromMoving() public {
        lock(1, ISSUED);
        refusesInsufficient(HOLDER, 0, 1);
        vm.prank(HOLDER);
        registry.safeTransferFrom(HOLDER, BUYER, BATCH, 1, "");
        refusesInsufficient(HOLDER, 0, 1);
        retire(2, 1);
    }

    function attempt(
        address caller,
        uint256 id,
        uint256 batch,
        address holder,
        uint64 amount,
        string memory reason
    ) private {
        vm.prank(caller);
        registry.lock(id, batch, holder, amount, reason);
    }
}
