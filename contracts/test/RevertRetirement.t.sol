// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {World} from "./support/World.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";
import {Roles} from "../libraries/Roles.sol";

contract RevertRetirementTest is World {
    uint64 private deadline;

    function setUp() public override {
        super.setUp();
        deadline = uint64(block.timestamp) + 100;
        request(1, 2 * TONNE, deadline);
    }

    /// @dev Starts with everything wrong and mends one thing at a time.
    function test_revertRetirement_refusesInOrder() public {
        refusesPending(2);
        attempt(STRANGER, 2, text(513));
        vm.warp(deadline);
        refusesRole(STRANGER, Roles.OPERATOR);
        attempt(STRANGER, 1, text(513));
        refusesText(513);
        attempt(OPERATOR, 1, text(513));
        attempt(OPERATOR, 1, text(512));
        refusesPending(1);
        attempt(OPERATOR, 1, "");
    }

    function test_revertRetirement_byAnyoneAfterTheDeadline() public {
        vm.warp(deadline + 1);
        attempt(STRANGER, 1, "late");
        assertTotals(ISSUED, 0, 0, 0);
    }

    function test_revertRetirement_givesBack() public {
        vm.expectEmit(address(registry));
        emit TransferSingle(OPERATOR, address(0), HOLDER, BATCH, 2 * TONNE);
        vm.expectEmit(address(registry));
        emit ICarbonRegistry.RetirementReverted(
            1,
            BATCH,
            HOLDER,
            2 * TONNE,
            one(0, 2 * TONNE),
            "duplicate"
        );
        attempt(OPERATOR, 1, "duplicate");
        assertTotals(ISSUED, 0, 0, 0);
        assertHolding(HOLDER, ISSUED, 0, 0, 0);
        assertDisposition(1, ICarbonRegistry.Kind.Request, 0, none());
        (uint64 cursor, , ) = registry.releasedOf(BATCH);
        assertEq(cursor, START);
        assertFalse(certificate.exists(1));
        refusesId(1);
        retire(1, 1);
    }

    function test_revertRetirement_worksWhenPausedFrozenAndClosed() public {
        freeze(HOLDER, ISSUED);
        close("holder");
        pause();
        attempt(OPERATOR, 1, "");
        assertHolding(HOLDER, ISSUED, 0, ISSUED, 0);
    }

    function refusesPending(uint256 id) private {
        refuses(abi.encodeWithSelector(ICarbonRegistry.NoPendingRetirement.selector, id));
    }

    function attempt(address caller, uint256 id, string memory reason) private {
        vm.prank(caller);
        registry.revertRetirement(id, reason);
    }
}
