// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {World} from "./support/World.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";
import {ReentrantReceiver} from "../mocks/ReentrantReceiver.sol";

/// @dev A receiver that calls back is refused, whatever it calls, and its receipt still counts.
contract ReentrancyTest is World {
    ReentrantReceiver private receiver;

    function setUp() public override {
        super.setUp();
        receiver = new ReentrantReceiver();
        open(address(receiver), "receiver");
        give(10);
    }

    function test_transfer_refusesReentry() public {
        bytes[] memory attacks = everyAttack();
        for (uint256 i = 0; i < attacks.length; ++i) {
            receiver.plan(address(registry), attacks[i]);
            give(1);
            assertRefused();
        }
        assertHolding(address(receiver), uint64(10 + attacks.length), 0, 0, 0);
    }

    function test_release_refusesReentry() public {
        vm.prank(OPERATOR);
        registry.lock(1, BATCH, address(receiver), 10, "");
        receiver.plan(
            address(registry),
            abi.encodeCall(registry.retire, (retireOrder(2, 5)))
        );
        release(1, 10);
        assertRefused();
        assertHolding(address(receiver), 10, 0, 0, 0);
        assertTotals(ISSUED, 0, 0, 0);
    }

    function test_revertRetirement_refusesReentry() public {
        uint64 deadline = uint64(block.timestamp) + 1;
        receiver.act(
            address(registry),
            abi.encodeCall(registry.requestRetirement, (retireOrder(1, 10), deadline))
        );
        vm.warp(deadline + 1);
        receiver.plan(address(registry), abi.encodeCall(registry.revertRetirement, (1, "")));
        registry.revertRetirement(1, "");
        assertRefused();
        assertHolding(address(receiver), 10, 0, 0, 0);
        assertTotals(ISSUED, 0, 0, 0);
    }

    function test_issue_refusesReentry() public {
        receiver.plan(address(registry), everyAttack()[0]);
        issue(BATCH + 1, address(receiver), 5, 0);
        assertRefused();
        assertEq(registry.balanceOf(address(receiver), BATCH + 1), 5);
    }

    function test_foreclose_refusesReentry() public {
        vm.prank(HOLDER);
        registry.pledge(1, BATCH, 5, address(receiver));
        bytes memory again = abi.encodeCall(registry.foreclose, (1));
        receiver.plan(address(registry), again);
        receiver.act(address(registry), again);
        assertRefused();
        assertHolding(address(receiver), 15, 0, 0, 0);
    }

    function test_transferMany_refusesReentry() public {
        receiver.plan(address(registry), everyAttack()[0]);
        ICarbonRegistry.TransferOrder[] memory orders = new ICarbonRegistry.TransferOrder[](1);
        orders[0] = ICarbonRegistry.TransferOrder(BATCH, address(receiver), 5);
        vm.prank(HOLDER);
        registry.transferMany(orders);
        assertRefused();
    }

    function test_safeBatchTransferFrom_refusesReentry() public {
        receiver.plan(address(registry), everyAttack()[0]);
        uint256[] memory list = new uint256[](1);
        list[0] = BATCH;
        uint256[] memory amounts = new uint256[](1);
        amounts[0] = 5;
        vm.prank(HOLDER);
        registry.safeBatchTransferFrom(HOLDER, address(receiver), list, amounts, "");
        assertRefused();
    }

    function test_forcedTransfer_refusesReentry() public {
        receiver.plan(address(registry), everyAttack()[0]);
        vm.prank(REGULATOR);
        registry.forcedTransfer(HOLDER, address(receiver), BATCH, 5);
        assertRefused();
    }

    function everyAttack() private view returns (bytes[] memory attacks) {
        ICarbonRegistry.RetireOrder[] memory retirements = new ICarbonRegistry.RetireOrder[](1);
        retirements[0] = retireOrder(50, 1);
        ICarbonRegistry.TransferOrder[] memory transfers =
            new ICarbonRegistry.TransferOrder[](1);
        transfers[0] = ICarbonRegistry.TransferOrder(BATCH, BUYER, 1);
        uint256[] memory list = new uint256[](1);
        address self = address(receiver);
        attacks = new bytes[](26);
        attacks[0] = abi.encodeCall(registry.retire, (retirements[0]));
        attacks[1] = abi.encodeCall(registry.retireMany, (retirements));
        attacks[2] = abi.encodeCall(registry.transferMany, (transfers));
        attacks[3] = abi.encodeCall(registry.safeTransferFrom, (self, BUYER, BATCH, 1, ""));
        attacks[4] = abi.encodeCall(
            registry.safeBatchTransferFrom,
            (self, BUYER, list, list, "")
        );
        attacks[5] = abi.encodeCall(registry.requestRetirement, (retirements[0], 2 ** 63));
        attacks[6] = abi.encodeCall(registry.finaliseRetirement, (1));
        attacks[7] = abi.encodeCall(registry.revertRetirement, (1, ""));
        attacks[8] = abi.encodeCall(registry.cancel, (50, BATCH, 1, ""));
        attacks[9] = abi.encodeCall(registry.pledge, (50, BATCH, 1, BUYER));
        attacks[10] = abi.encodeCall(registry.releasePledge, (1));
        attacks[11] = abi.encodeCall(registry.foreclose, (1));
        addOfficials(attacks);
    }

    /// @dev Refused for re-entering before anyone asks for a role.
    function addOfficials(bytes[] memory attacks) private view {
        ICarbonRegistry.IssueOrder[] memory orders = new ICarbonRegistry.IssueOrder[](1);
        address self = address(receiver);
        attacks[12] = abi.encodeCall(registry.issue, (orders[0]));
        attacks[13] = abi.encodeCall(registry.issueMany, (orders));
        attacks[14] = abi.encodeCall(registry.lock, (50, BATCH, self, 1, ""));
        attacks[15] = abi.encodeCall(registry.release, (1, 1));
        attacks[16] = abi.encodeCall(registry.endPledge, (1, ""));
        attacks[17] = abi.encodeCall(registry.setFrozenTokens, (self, BATCH, 0));
        attacks[18] = abi.encodeWithSignature(
            "forcedTransfer(address,address,uint256,uint256)",
            self,
            BUYER,
            BATCH,
            1
        );
        attacks[19] = abi.encodeWithSignature(
            "forcedTransfer(address,address,uint256,uint256,string)",
            self,
            BUYER,
            BATCH,
            1,
            ""
        );
        addBridges(attacks);
    }

    function addBridges(bytes[] memory attacks) private view {
        ICarbonRegistry.ImportOrder memory order;
        address self = address(receiver);
        attacks[20] = abi.encodeCall(registry.releaseInterval, (1, START, 1));
        attacks[21] = abi.encodeCall(registry.exportCredits, (50, BATCH, self, 1));
        attacks[22] = abi.encodeCall(registry.importCredits, (order));
        attacks[23] = abi.encodeCall(registry.returnCredits, (1, START, 1, self));
        attacks[24] = abi.encodeCall(registry.compensateExport, (1));
        attacks[25] = abi.encodeCall(registry.callReceiver, (self, BATCH, 1, true));
    }

    function give(uint256 amount) private {
        vm.prank(HOLDER);
        registry.safeTransferFrom(HOLDER, address(receiver), BATCH, amount, "");
    }

    function assertRefused() private view {
        assertTrue(receiver.attempted());
        assertFalse(receiver.succeeded());
        assertEq(
            keccak256(receiver.refusal()),
            keccak256(abi.encodeWithSignature("ReentrancyGuardReentrantCall()"))
        );
    }
}
