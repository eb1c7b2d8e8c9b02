// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {World} from "./support/World.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";

contract ForecloseTest is World {
    function setUp() public override {
        super.setUp();
        pledge(1, 30);
    }

    /// @dev Starts with everything wrong and mends one thing at a time.
    function test_foreclose_refusesInOrder() public {
        freeze(HOLDER, ISSUED - 29);
        pause();
        refusesPaused();
        attempt(STRANGER, 2);
        unpause();
        refuses(abi.encodeWithSelector(ICarbonRegistry.NotPledged.selector, 2));
        attempt(STRANGER, 2);
        refuses(abi.encodeWithSelector(ICarbonRegistry.NotLender.selector, 1, STRANGER));
        attempt(STRANGER, 1);
        refusesEncumbered(ISSUED, 30, ISSUED - 29, 30);
        attempt(LENDER, 1);
        freeze(HOLDER, ISSUED - 30);
        attempt(LENDER, 1);
        refuses(abi.encodeWithSelector(ICarbonRegistry.NotPledged.selector, 1));
        attempt(LENDER, 1);
    }

    function test_foreclose_refusesWhenEitherAccountIsClosed() public {
        freeze(HOLDER, ISSUED);
        close("lender");
        refusesClosed(LENDER);
        attempt(LENDER, 1);
        close("holder");
        refusesClosed(HOLDER);
        attempt(LENDER, 1);
    }

    function test_foreclose_movesToTheLender() public {
        pledge(2, 5);
        vm.expectEmit(address(registry));
        emit TransferSingle(LENDER, HOLDER, LENDER, BATCH, 30);
        vm.expectEmit(address(registry));
        emit ICarbonRegistry.PledgeForeclosed(1, BATCH, HOLDER, LENDER, 30);
        attempt(LENDER, 1);
        assertTotals(ISSUED, 0, 0, 0);
        assertHolding(HOLDER, ISSUED - 30, 5, 0, 0);
        assertHolding(LENDER, 30, 0, 0, 0);
        assertDisposition(1, ICarbonRegistry.Kind.Pledge, 0, none());
    }

    function attempt(address caller, uint256 id) private {
        vm.prank(caller);
        registry.foreclose(id);
    }
}
