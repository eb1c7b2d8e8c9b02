// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {World} from "./support/World.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";
import {IRetirementCertificate} from "../interfaces/IRetirementCertificate.sol";
import {Roles} from "../libraries/Roles.sol";

contract FinaliseRetirementTest is World {
    uint64 private deadline;

    function setUp() public override {
        super.setUp();
        deadline = uint64(block.timestamp) + 100;
        request(1, 2 * TONNE, deadline);
    }

    /// @dev Starts with everything wrong and mends one thing at a time.
    function test_finaliseRetirement_refusesInOrder() public {
        vm.warp(deadline + 1);
        freeze(HOLDER, 5);
        pause();
        refusesPaused();
        attempt(STRANGER, 2);
        unpause();
        refusesRole(STRANGER, Roles.OPERATOR);
        attempt(STRANGER, 2);
        refusesPending(2);
        attempt(OPERATOR, 2);
        refuses(
            abi.encodeWithSelector(ICarbonRegistry.HolderFrozen.selector, BATCH, HOLDER, 5)
        );
        attempt(OPERATOR, 1);
        freeze(HOLDER, 0);
        refuses(
            abi.encodeWithSelector(ICarbonRegistry.DeadlinePassed.selector, 1, deadline)
        );
        attempt(OPERATOR, 1);
        vm.warp(deadline);
        attempt(OPERATOR, 1);
        refusesPending(1);
        attempt(OPERATOR, 1);
    }

    function test_finaliseRetirement_refusesWhenAccountClosed() public {
        freeze(HOLDER, 5);
        close("holder");
        refusesClosed(HOLDER);
        attempt(OPERATOR, 1);
    }

    function test_finaliseRetirement_refusesLockAndPledgeAndCancellation() public {
        lock(2, 1);
        pledge(3, 1);
        vm.prank(HOLDER);
        registry.cancel(4, BATCH, 1, "");
        for (uint256 id = 2; id < 5; ++id) {
            refusesPending(id);
            attempt(OPERATOR, id);
        }
    }

    function test_finaliseRetirement_retiresAndCertifies() public {
        vm.expectEmit(address(registry));
        emit ICarbonRegistry.RetirementFinalised(
            1,
            BATCH,
            HOLDER,
            2 * TONNE,
            one(0, 2 * TONNE)
        );
        attempt(OPERATOR, 1);
        assertTotals(98 * TONNE, 0, 2 * TONNE, 0);
        assertHolding(HOLDER, 98 * TONNE, 0, 0, 2 * TONNE);
        assertDisposition(1, ICarbonRegistry.Kind.Retirement, 2 * TONNE, one(0, 2 * TONNE));
        assertEq(certificate.ownerOf(1), HOLDER);
        IRetirementCertificate.RetirementRecord memory record = IRetirementCertificate
            .RetirementRecord(
                address(registry),
                1,
                BATCH,
                HOLDER,
                2 * TONNE,
                one(0, 2 * TONNE),
                claimOf("Example Ltd")
            );
        assertTrue(certificate.verify(1, record));
    }

    function test_finaliseRetirement_isFinal() public {
        attempt(OPERATOR, 1);
        vm.warp(deadline + 1);
        refusesPending(1);
        vm.prank(OPERATOR);
        registry.revertRetirement(1, "");
        refuses(abi.encodeWithSelector(ICarbonRegistry.NotLocked.selector, 1));
        release(1, 1);
        refusesId(1);
        retire(1, 1);
    }

    function refusesPending(uint256 id) private {
        refuses(abi.encodeWithSelector(ICarbonRegistry.NoPendingRetirement.selector, id));
    }

    function attempt(address caller, uint256 id) private {
        vm.prank(caller);
        registry.finaliseRetirement(id);
    }
}
