// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {World} from "./support/World.sol";
import {ExactSerial} from "../guards/ExactSerial.sol";
import {OpenGuard} from "../guards/OpenGuard.sol";
import {ISerialGuard} from "../interfaces/ISerialGuard.sol";
import {NO_HINT} from "../libraries/Constants.sol";
import {Roles} from "../libraries/Roles.sol";

/// @dev What the guards that are there to compare with see, and what they do not.
contract OtherGuardsTest is World {
    bytes32 private constant WHERE = "scope";

    ExactSerial private exact;
    OpenGuard private openGuard;

    function setUp() public override {
        super.setUp();
        exact = new ExactSerial(platform);
        openGuard = new OpenGuard(platform);
        vm.startPrank(OPERATOR);
        exact.admit(address(this));
        openGuard.admit(address(this));
        vm.stopPrank();
    }

    function test_admit_isAsAtTheIndex() public {
        refusesRole(STRANGER, Roles.OPERATOR);
        vm.prank(STRANGER);
        exact.admit(STRANGER);
        refusesRole(STRANGER, Roles.OPERATOR);
        vm.prank(STRANGER);
        openGuard.admit(STRANGER);
        assertTrue(exact.isAdmitted(address(this)));
        assertFalse(openGuard.isAdmitted(STRANGER));
        refuses(abi.encodeWithSelector(ISerialGuard.NotAdmitted.selector, STRANGER));
        vm.prank(STRANGER);
        exact.claim(WHERE, 10, 20, NO_HINT);
        refuses(abi.encodeWithSelector(ISerialGuard.NotAdmitted.selector, STRANGER));
        vm.prank(STRANGER);
        openGuard.claim(WHERE, 10, 20, NO_HINT);
    }

    function test_exactSerial_refusesTheSameIntervalAlone() public {
        exact.claim(WHERE, 10, 20, NO_HINT);
        refuses(
            abi.encodeWithSelector(
                ISerialGuard.SerialAlreadyClaimed.selector,
                WHERE,
                10,
                20
            )
        );
        exact.claim(WHERE, 10, 20, 99);
        exact.claim(WHERE, 10, 19, NO_HINT);
        exact.claim(WHERE, 11, 20, NO_HINT);
        exact.claim(WHERE, 0, 100, NO_HINT);
        exact.claim("other", 10, 20, NO_HINT);
    }

    function test_openGuard_refusesNoSerials() public view {
        openGuard.claim(WHERE, 10, 20, NO_HINT);
        openGuard.claim(WHERE, 10, 20, NO_HINT);
    }
}
