// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {World} from "./support/World.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";

contract ReleasePledgeTest is World {
    function test_releasePledge_refusesInOrder() public {
        lock(1, 1);
        pledge(2, 5);
        refuses(abi.encodeWithSelector(ICarbonRegistry.NotPledged.selector, 1));
        end(STRANGER, 1);
        refuses(abi.encodeWithSelector(ICarbonRegistry.NotLender.selector, 2, HOLDER));
        end(HOLDER, 2);
        end(LENDER, 2);
        refuses(abi.encodeWithSelector(ICarbonRegistry.NotPledged.selector, 2));
        end(LENDER, 2);
    }

    function test_releasePledge_endsThePledge() public {
        pledge(1, 5);
        pledge(2, 7);
        close("holder");
        pause();
        vm.expectEmit(address(registry));
        emit ICarbonRegistry.PledgeReleased(1, BATCH, HOLDER, LENDER, 5);
        end(LENDER, 1);
        assertTotals(ISSUED, 0, 0, 0);
        assertHolding(HOLDER, ISSUED, 7, 0, 0);
        assertDisposition(1, ICarbonRegistry.Kind.Pledge, 0, none());
    }

    function end(address caller, uint256 id) private {
        vm.prank(caller);
        registry.releasePledge(id);
    }
}
