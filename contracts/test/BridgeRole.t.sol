// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Pair} from "./support/Pair.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";
import {Roles} from "../libraries/Roles.sol";

/// @dev What a registry does for its bridge, and for nobody else.
contract BridgeRoleTest is Pair {
    function test_exportCredits_refusesOthers() public {
        pause();
        refusesPaused();
        registry.exportCredits(1, NO_BATCH, HOLDER, 0);
        unpause();
        refusesRole(OPERATOR, Roles.BRIDGE);
        vm.prank(OPERATOR);
        registry.exportCredits(1, NO_BATCH, HOLDER, 0);
    }

    function test_importCredits_refusesOthers() public {
        ICarbonRegistry.ImportOrder memory order;
        pause();
        refusesPaused();
        registry.importCredits(order);
        unpause();
        refusesRole(ISSUER, Roles.BRIDGE);
        vm.prank(ISSUER);
        registry.importCredits(order);
    }

    function test_returnCredits_refusesOthers() public {
        carry(1, 10);
        pause();
        refusesPaused();
        registry.returnCredits(1, START, 10, HOLDER);
        unpause();
        refusesRole(OPERATOR, Roles.BRIDGE);
        vm.prank(OPERATOR);
        registry.returnCredits(1, START, 10, HOLDER);
    }

    function test_returnCredits_refusesNothing() public {
        carry(1, 10);
        vm.startPrank(address(bridge));
        refusesZero();
        registry.returnCredits(1, START, 0, STRANGER);
        refusesUnknown(STRANGER);
        registry.returnCredits(1, START, 1, STRANGER);
        vm.stopPrank();
    }

    function test_compensateExport_refusesOthers() public {
        send(1, 10);
        refusesRole(OPERATOR, Roles.BRIDGE);
        vm.prank(OPERATOR);
        registry.compensateExport(1);
    }

    /// @dev Whatever a bridge asks for, what the operator locked stays locked.
    function test_compensateExport_refusesWhatIsNoExport() public {
        lock(1, 10);
        refuses(abi.encodeWithSelector(ICarbonRegistry.NotOutstanding.selector, 1, 0, 0));
        vm.prank(address(bridge));
        registry.compensateExport(1);
    }

    function test_callReceiver_refusesOthers() public {
        refusesRole(OPERATOR, Roles.BRIDGE);
        vm.prank(OPERATOR);
        registry.callReceiver(address(this), BATCH, 1, true);
    }

    /// @dev An import's number is its own, whatever projects issue.
    function test_importCredits_countsFromOne() public {
        carry(1, 10);
        carry(2, 10);
        assertEq(far.batchOf(1).start, START);
        assertEq(far.batchOf(2).start, START + 10);
        assertEq(far.batchOf(3).issued, 0);
    }

    /// @dev 255 pieces and no more, and none is lost.
    function test_returnCredits_refusesMorePiecesThanItKeeps() public {
        send(1, 600);
        vm.startPrank(address(bridge));
        for (uint64 i = 0; i < 254; ++i) registry.returnCredits(1, START + 2 * i + 1, 1, LENDER);
        assertEq(registry.intervalsOf(1).length, 255);
        refuses(abi.encodeWithSelector(ICarbonRegistry.TooFragmented.selector, BATCH, 0));
        registry.returnCredits(1, START + 550, 1, LENDER);
        registry.returnCredits(1, START + 599, 1, LENDER);
        registry.returnCredits(1, START, 1, LENDER);
        registry.returnCredits(1, START + 550, 1, LENDER);
        vm.stopPrank();
        assertEq(registry.intervalsOf(1).length, 255);
        assertHome(ISSUED - 600 + 257, 600 - 257);
    }
}
