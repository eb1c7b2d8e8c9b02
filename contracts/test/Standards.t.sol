// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {World} from "./support/World.sol";
import {IERC5192} from "../interfaces/IERC5192.sol";
import {IERC7943MultiToken} from "../interfaces/IERC7943.sol";
import {Roles} from "../libraries/Roles.sol";

contract StandardsTest is World {
    uint256 private constant CODE_MAX = 23_500;

    function test_supportsInterface_namesTheStandards() public view {
        assertEq(uint32(type(IERC7943MultiToken).interfaceId), 0x41c4fbad);
        assertEq(uint32(type(IERC5192).interfaceId), 0xb45a3c0e);
        assertTrue(registry.supportsInterface(0x41c4fbad));
        assertTrue(registry.supportsInterface(0xd9b67a26));
        assertTrue(registry.supportsInterface(0x01ffc9a7));
        assertFalse(registry.supportsInterface(0xffffffff));
        assertTrue(certificate.supportsInterface(0xb45a3c0e));
        assertTrue(certificate.supportsInterface(0x80ac58cd));
        assertFalse(certificate.supportsInterface(0xffffffff));
    }

    function test_canTransfer_agreesWithTransfers() public {
        assertTrue(registry.canTransfer(HOLDER, BUYER, BATCH, ISSUED));
        assertFalse(registry.canTransfer(HOLDER, BUYER, BATCH, ISSUED + 1));
        assertFalse(registry.canTransfer(HOLDER, BUYER, BATCH, type(uint256).max));
        assertFalse(registry.canTransfer(HOLDER, BUYER, BATCH, 0));
        assertFalse(registry.canTransfer(HOLDER, BUYER, NO_BATCH, 1));
        assertFalse(registry.canTransfer(HOLDER, STRANGER, BATCH, 1));
        assertFalse(registry.canTransfer(STRANGER, HOLDER, BATCH, 1));
        pledge(1, 10);
        freeze(HOLDER, 20);
        assertTrue(registry.canTransfer(HOLDER, BUYER, BATCH, ISSUED - 30));
        assertFalse(registry.canTransfer(HOLDER, BUYER, BATCH, ISSUED - 29));
        pause();
        assertFalse(registry.canTransfer(HOLDER, BUYER, BATCH, 1));
    }

    function test_canSend_followsTheAccount() public {
        assertTrue(registry.canSend(HOLDER));
        assertTrue(registry.canReceive(HOLDER));
        assertFalse(registry.canSend(STRANGER));
        close("holder");
        assertFalse(registry.canSend(HOLDER));
        assertFalse(registry.canReceive(HOLDER));
    }

    function test_config_namesWhatWasGiven() public view {
        (address a, address d, address p, address g, address c) = registry.config();
        assertEq(a, address(authority));
        assertEq(d, address(directory));
        assertEq(p, address(projects));
        assertEq(g, address(index));
        assertEq(c, address(certificate));
        assertTrue(registry.native());
        assertEq(keccak256(bytes(registry.name())), keccak256("Test registry"));
    }

    function test_code_staysBelowTheBound() public view {
        assertAtMost(address(registry).code.length, CODE_MAX);
        assertAtMost(address(projects).code.length, CODE_MAX);
        assertAtMost(address(certificate).code.length, CODE_MAX);
        assertAtMost(address(directory).code.length, CODE_MAX);
        assertAtMost(address(authority).code.length, CODE_MAX);
        assertAtMost(address(index).code.length, CODE_MAX);
    }

    function test_admin_reachesNoRetiredCredits() public {
        // Even with every role, nothing that an admin can call makes retired fall.
        bytes32[3] memory roles = [Roles.OPERATOR, Roles.REGULATOR, Roles.ISSUER];
        for (uint256 i = 0; i < 3; ++i) authority.grantRole(roles[i], address(this));
        open(address(this), "admin");
        retire(1, ISSUED);
        refusesInsufficient(HOLDER, 0, 1);
        registry.forcedTransfer(HOLDER, BUYER, BATCH, 1);
        vm.expectRevert();
        registry.release(1, 1);
        vm.expectRevert();
        registry.revertRetirement(1, "");
        assertTotals(0, 0, ISSUED, 0);
        assertHolding(HOLDER, 0, 0, 0, ISSUED);
    }
}
