// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {World} from "./support/World.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";
import {Roles} from "../libraries/Roles.sol";

contract EndPledgeTest is World {
    function setUp() public override {
        super.setUp();
        pledge(1, 30);
    }

    function test_endPledge_refusesInOrder() public {
        refusesRole(LENDER, Roles.REGULATOR);
        end(LENDER, 2, text(513));
        refuses(abi.encodeWithSelector(ICarbonRegistry.NotPledged.selector, 2));
        end(REGULATOR, 2, text(513));
        refusesText(513);
        end(REGULATOR, 1, text(513));
        end(REGULATOR, 1, text(512));
        refuses(abi.encodeWithSelector(ICarbonRegistry.NotPledged.selector, 1));
        end(REGULATOR, 1, "");
    }

    function test_endPledge_endsThePledge() public {
        pause();
        vm.expectEmit(address(registry));
        emit ICarbonRegistry.PledgeEnded(1, BATCH, HOLDER, LENDER, 30, "court order");
        end(REGULATOR, 1, "court order");
        assertTotals(ISSUED, 0, 0, 0);
        assertHolding(HOLDER, ISSUED, 0, 0, 0);
        assertDisposition(1, ICarbonRegistry.Kind.Pledge, 0, none());
    }

    function end(address caller, uint256 id, string memory reason) private {
        vm.prank(caller);
        registry.endPledge(id, reason);
    }
}
