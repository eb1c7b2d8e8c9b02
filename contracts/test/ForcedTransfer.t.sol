// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {World} from "./support/World.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";
import {IERC7943MultiToken} from "../interfaces/IERC7943.sol";
import {Roles} from "../libraries/Roles.sol";

contract ForcedTransferTest is World {
    /// @dev Starts with everything wrong and mends one thing at a time.
    function test_forcedTransfer_refusesInOrder() public {
        pledge(1, 10);
        close("lender");
        refusesRole(STRANGER, Roles.REGULATOR);
        attempt(STRANGER, STRANGER, LENDER, NO_BATCH, 0, text(513));
        refusesZero();
        attempt(REGULATOR, STRANGER, LENDER, NO_BATCH, 0, text(513));
        refusesUnknownBatch();
        attempt(REGULATOR, STRANGER, LENDER, NO_BATCH, ISSUED + 1, text(513));
        refusesUnknown(STRANGER);
        attempt(REGULATOR, STRANGER, LENDER, BATCH, ISSUED + 1, text(513));
        refusesClosed(LENDER);
        attempt(REGULATOR, HOLDER, LENDER, BATCH, ISSUED + 1, text(513));
        refusesUnknown(address(0));
        attempt(REGULATOR, HOLDER, address(0), BATCH, ISSUED + 1, text(513));
        refusesText(513);
        attempt(REGULATOR, HOLDER, BUYER, BATCH, ISSUED + 1, text(513));
        refusesInsufficient(HOLDER, ISSUED, ISSUED + 1);
        attempt(REGULATOR, HOLDER, BUYER, BATCH, ISSUED + 1, "");
        refusesEncumbered(ISSUED, 10, 0, ISSUED - 9);
        attempt(REGULATOR, HOLDER, BUYER, BATCH, ISSUED - 9, "");
        attempt(REGULATOR, HOLDER, BUYER, BATCH, ISSUED - 10, "");
    }

    function test_forcedTransfer_lowersFrozenByWhatWasTakenOfIt() public {
        freeze(HOLDER, ISSUED - 10);
        vm.expectEmit(address(registry));
        emit IERC7943MultiToken.Frozen(HOLDER, BATCH, ISSUED - 25);
        vm.expectEmit(address(registry));
        emit TransferSingle(REGULATOR, HOLDER, BUYER, BATCH, 25);
        vm.expectEmit(address(registry));
        emit IERC7943MultiToken.ForcedTransfer(HOLDER, BUYER, BATCH, 25);
        vm.expectEmit(address(registry));
        emit ICarbonRegistry.ForcedTransferExplained("court order");
        assertTrue(attempt(REGULATOR, HOLDER, BUYER, BATCH, 25, "court order"));
        assertTotals(ISSUED, 0, 0, 0);
        assertHolding(HOLDER, ISSUED - 25, 0, ISSUED - 25, 0);
        assertHolding(BUYER, 25, 0, 0, 0);
    }

    function test_forcedTransfer_takesUnfrozenFirst() public {
        freeze(HOLDER, 10);
        attempt(REGULATOR, HOLDER, BUYER, BATCH, ISSUED - 10, "");
        assertHolding(HOLDER, 10, 0, 10, 0);
    }

    function test_forcedTransfer_lowersFrozenAboveBalance() public {
        freeze(HOLDER, ISSUED + 100);
        attempt(REGULATOR, HOLDER, BUYER, BATCH, 30, "");
        assertHolding(HOLDER, ISSUED - 30, 0, ISSUED + 70, 0);
    }

    function test_forcedTransfer_worksWhenPausedAndClosedAndWithoutReason() public {
        close("holder");
        pause();
        vm.expectEmit(address(registry));
        emit ICarbonRegistry.ForcedTransferExplained("");
        vm.prank(REGULATOR);
        assertTrue(registry.forcedTransfer(HOLDER, BUYER, BATCH, 5));
        assertHolding(BUYER, 5, 0, 0, 0);
    }

    function test_fuzz_forcedTransfer_keepsSpendable(uint64 frozen, uint64 amount) public {
        frozen = uint64(bound(frozen, 0, 2 * ISSUED));
        amount = uint64(bound(amount, 1, ISSUED));
        uint256 unfrozen = frozen < ISSUED ? ISSUED - frozen : 0;
        freeze(HOLDER, frozen);
        attempt(REGULATOR, HOLDER, BUYER, BATCH, amount, "");
        uint256 taken = amount > unfrozen ? amount - unfrozen : 0;
        assertEq(registry.getFrozenTokens(HOLDER, BATCH), frozen - taken);
    }

    function attempt(
        address caller,
        address from,
        address to,
        uint256 batch,
        uint256 amount,
        string memory reason
    ) private returns (bool) {
        vm.prank(caller);
        return registry.forcedTransfer(from, to, batch, amount, reason);
    }
}
