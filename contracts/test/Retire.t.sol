// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {World} from "./support/World.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";
import {IRetirementCertificate} from "../interfaces/IRetirementCertificate.sol";
import {IERC5192} from "../interfaces/IERC5192.sol";
import {Interval} from "../types/Interval.sol";

contract RetireTest is World {
    event Transfer(address indexed from, address indexed to, uint256 indexed tokenId);

    /// @dev Starts with everything wrong and mends one thing at a time.
    function test_retire_refusesInOrder() public {
        lock(9, TONNE);
        ICarbonRegistry.RetireOrder memory order = retireOrder(9, 0);
        order.batch = NO_BATCH;
        order.claim = IRetirementCertificate.Claim(
            text(513),
            text(514),
            text(515),
            text(516),
            text(517)
        );
        pause();
        refusesPaused();
        attempt(STRANGER, order);
        unpause();
        refusesZero();
        attempt(STRANGER, order);
        order.amount = ISSUED;
        refusesUnknownBatch();
        attempt(STRANGER, order);
        order.batch = BATCH;
        refusesUnknown(STRANGER);
        attempt(STRANGER, order);
        refusesId(9);
        attempt(HOLDER, order);
        order.id = 10;
        mendTexts(order);
        refusesInsufficient(HOLDER, ISSUED - TONNE, ISSUED);
        attempt(HOLDER, order);
        order.amount = ISSUED - TONNE;
        pledge(11, 1);
        freeze(HOLDER, 2);
        refusesEncumbered(ISSUED - TONNE, 1, 2, ISSUED - TONNE);
        attempt(HOLDER, order);
        order.amount = ISSUED - TONNE - 3;
        attempt(HOLDER, order);
    }

    function test_retire_refusesWhenAccountClosed() public {
        close("holder");
        refusesClosed(HOLDER);
        attempt(HOLDER, retireOrder(1, TONNE));
    }

    function test_retire_refusesWhenIdIsZero() public {
        refusesId(0);
        attempt(HOLDER, retireOrder(0, TONNE));
    }

    function test_retire_refusesWhenRegistryIsMirrored() public {
        deployRegistry(false);
        vm.expectRevert(ICarbonRegistry.RetirementNeedsRequest.selector);
        attempt(HOLDER, retireOrder(1, 0));
        pause();
        refusesPaused();
        attempt(HOLDER, retireOrder(1, 0));
    }

    function test_retire_retiresAndCertifies() public {
        ICarbonRegistry.RetireOrder memory order = retireOrder(42, 3 * TONNE + 1);
        vm.expectEmit(address(registry));
        emit TransferSingle(HOLDER, HOLDER, address(0), BATCH, 3 * TONNE + 1);
        vm.expectEmit(address(registry));
        emit ICarbonRegistry.CreditsRetired(
            42,
            BATCH,
            HOLDER,
            3 * TONNE + 1,
            one(0, 3 * TONNE + 1),
            order.claim
        );
        vm.expectEmit(address(certificate));
        emit Transfer(address(0), HOLDER, 42);
        vm.expectEmit(address(certificate));
        emit IERC5192.Locked(42);
        attempt(HOLDER, order);
        assertTotals(97 * TONNE - 1, 0, 3 * TONNE + 1, 0);
        assertHolding(HOLDER, 97 * TONNE - 1, 0, 0, 3 * TONNE + 1);
        assertEq(certificate.ownerOf(42), HOLDER);
        assertTrue(certificate.verify(42, recordOf(order, one(0, 3 * TONNE + 1))));
        assertDisposition(42, ICarbonRegistry.Kind.Retirement, 0, none());
        assertFalse(registry.isRetired(BATCH));
    }

    function test_retire_marksBatchRetiredWithTheLastGram() public {
        retire(1, ISSUED - 1);
        assertFalse(registry.isRetired(BATCH));
        retire(2, 1);
        assertTrue(registry.isRetired(BATCH));
        assertFalse(registry.isRetired(NO_BATCH));
        assertTotals(0, 0, ISSUED, 0);
    }

    function test_retire_takesNoGramTwice() public {
        retire(1, ISSUED);
        refusesInsufficient(HOLDER, 0, 1);
        attempt(HOLDER, retireOrder(2, 1));
        refusesId(1);
        attempt(HOLDER, retireOrder(1, 1));
        refusesInsufficient(HOLDER, 0, 1);
        vm.prank(HOLDER);
        registry.cancel(3, BATCH, 1, "");
        refusesInsufficient(HOLDER, 0, 1);
        vm.prank(OPERATOR);
        registry.lock(4, BATCH, HOLDER, 1, "");
        refusesInsufficient(HOLDER, 0, 1);
        vm.prank(HOLDER);
        registry.requestRetirement(retireOrder(5, 1), uint64(block.timestamp + 1));
        refusesInsufficient(HOLDER, 0, 1);
        vm.prank(REGULATOR);
        registry.forcedTransfer(HOLDER, BUYER, BATCH, 1, "");
        refusesInsufficient(HOLDER, 0, 1);
        vm.prank(HOLDER);
        registry.safeTransferFrom(HOLDER, BUYER, BATCH, 1, "");
        refuses(abi.encodeWithSelector(ICarbonRegistry.NotLocked.selector, 1));
        vm.prank(OPERATOR);
        registry.release(1, 1);
        refuses(abi.encodeWithSelector(ICarbonRegistry.NoPendingRetirement.selector, 1));
        vm.prank(OPERATOR);
        registry.revertRetirement(1, "");
    }

    function test_retireMany_retiresAllOrNothing() public {
        ICarbonRegistry.RetireOrder[] memory orders = new ICarbonRegistry.RetireOrder[](3);
        (orders[0], orders[1]) = (retireOrder(1, TONNE), retireOrder(2, 2 * TONNE));
        orders[2] = retireOrder(2, TONNE);
        refusesId(2);
        vm.prank(HOLDER);
        registry.retireMany(orders);
        assertTotals(ISSUED, 0, 0, 0);
        orders[2].id = 3;
        vm.prank(HOLDER);
        registry.retireMany(orders);
        assertTotals(96 * TONNE, 0, 4 * TONNE, 0);
        assertHolding(HOLDER, 96 * TONNE, 0, 0, 4 * TONNE);
        assertTrue(certificate.verify(3, recordOf(orders[2], one(3 * TONNE, 4 * TONNE))));
    }

    function test_retireMany_refusesWhenPausedOrMirrored() public {
        ICarbonRegistry.RetireOrder[] memory orders = new ICarbonRegistry.RetireOrder[](0);
        pause();
        refusesPaused();
        registry.retireMany(orders);
        deployRegistry(false);
        vm.expectRevert(ICarbonRegistry.RetirementNeedsRequest.selector);
        registry.retireMany(orders);
    }

    function test_fuzz_retire_keepsTotals(uint64 first, uint64 second) public {
        first = uint64(bound(first, 1, ISSUED - 1));
        second = uint64(bound(second, 1, ISSUED - first));
        retire(1, first);
        retire(2, second);
        assertTotals(ISSUED - first - second, 0, first + second, 0);
        ICarbonRegistry.RetireOrder memory order = retireOrder(2, second);
        assertTrue(certificate.verify(2, recordOf(order, one(first, first + second))));
    }

    function attempt(address caller, ICarbonRegistry.RetireOrder memory order) private {
        vm.prank(caller);
        registry.retire(order);
    }

    function mendTexts(ICarbonRegistry.RetireOrder memory order) private {
        refusesText(513);
        attempt(HOLDER, order);
        order.claim.beneficiary = text(512);
        refusesText(514);
        attempt(HOLDER, order);
        order.claim.purpose = text(512);
        refusesText(515);
        attempt(HOLDER, order);
        order.claim.reason = text(512);
        refusesText(516);
        attempt(HOLDER, order);
        order.claim.period = text(512);
        refusesText(517);
        attempt(HOLDER, order);
        order.claim.jurisdiction = text(512);
    }

    function recordOf(
        ICarbonRegistry.RetireOrder memory order,
        Interval[] memory intervals
    ) private view returns (IRetirementCertificate.RetirementRecord memory) {
        return
            IRetirementCertificate.RetirementRecord({
                registry: address(registry),
                id: order.id,
                batch: order.batch,
                holder: HOLDER,
                amount: order.amount,
                intervals: intervals,
                claim: order.claim
            });
    }
}
