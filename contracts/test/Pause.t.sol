// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {World} from "./support/World.sol";
import {Roles} from "../libraries/Roles.sol";

contract PauseTest is World {
    event Paused(address account);
    event Unpaused(address account);

    function test_pause_refusesInOrder() public {
        vm.expectRevert(bytes4(keccak256("ExpectedPause()")));
        unpause();
        pause();
        refusesRole(STRANGER, Roles.OPERATOR);
        vm.prank(STRANGER);
        registry.pause();
        refusesPaused();
        pause();
        refusesRole(STRANGER, Roles.OPERATOR);
        vm.prank(STRANGER);
        registry.unpause();
    }

    function test_pause_pausesAndUnpauses() public {
        vm.expectEmit(address(registry));
        emit Paused(OPERATOR);
        pause();
        assertTrue(registry.paused());
        vm.expectEmit(address(registry));
        emit Unpaused(OPERATOR);
        unpause();
        assertFalse(registry.paused());
    }
}
