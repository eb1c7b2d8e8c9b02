// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Pair} from "./support/Pair.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";
import {IRegistryBridge} from "../interfaces/IRegistryBridge.sol";
import {NO_HINT} from "../libraries/Constants.sol";
import {ReentrantReceiver} from "../mocks/ReentrantReceiver.sol";

/// @dev A receiver that calls back is refused, whatever it calls, and its receipt still counts.
contract BridgeReentrancyTest is Pair {
    ReentrantReceiver private receiver;

    function setUp() public override {
        super.setUp();
        receiver = new ReentrantReceiver();
        open(address(receiver), "receiver");
    }

    function test_receiveMessage_refusesReentry() public {
        bytes[] memory attacks = everyAttack();
        for (uint256 i = 0; i < attacks.length; ++i) {
            receiver.plan(address(farBridge), attacks[i]);
            IRegistryBridge.Message memory message = sendToReceiver(i + 1);
            take(message);
            assertRefused();
            assertEq(far.balanceOf(address(receiver), i + 1), 1);
        }
    }

    function test_move_refusesReentry() public {
        join(HOME_CHAIN, HOME_CHAIN);
        onHome();
        IRegistryBridge.SendOrder memory order = orderOf(1, 5);
        order.to = address(receiver);
        receiver.plan(address(bridge), abi.encodeCall(bridge.move, (order)));
        vm.prank(HOLDER);
        bridge.move(order);
        assertRefused();
    }

    function test_compensate_refusesReentry() public {
        vm.prank(HOLDER);
        registry.safeTransferFrom(HOLDER, address(receiver), BATCH, 5, "");
        onHome();
        receiver.act(
            address(bridge),
            abi.encodeCall(bridge.send, (orderOf(1, 5), deadline))
        );
        voidAbroad(messageOf(1));
        bytes memory receipt = receiptOf(1, IRegistryBridge.Outcome.Voided);
        receiver.plan(
            address(bridge),
            abi.encodeCall(bridge.compensate, (1, receipt, NO_HINT))
        );
        bridge.compensate(1, receipt, NO_HINT);
        assertRefused();
        assertHolding(address(receiver), 5, 0, 0, 0);
    }

    /// @dev The registry is closed to it too while it is asked.
    function test_receiveMessage_refusesReentryOfTheRegistry() public {
        ICarbonRegistry.TransferOrder[] memory orders = new ICarbonRegistry.TransferOrder[](1);
        orders[0] = ICarbonRegistry.TransferOrder(LOT, BUYER, 1);
        receiver.plan(address(far), abi.encodeCall(far.transferMany, (orders)));
        take(sendToReceiver(1));
        assertRefused();
    }

    function everyAttack() private view returns (bytes[] memory attacks) {
        IRegistryBridge.Message memory message;
        IRegistryBridge.MirrorOrder memory mirrored;
        attacks = new bytes[](9);
        attacks[0] = abi.encodeCall(farBridge.send, (orderOf(1, 1), deadline));
        attacks[1] = abi.encodeCall(farBridge.move, (orderOf(1, 1)));
        attacks[2] = abi.encodeCall(farBridge.arrive, (message, NO_HINT));
        attacks[3] = abi.encodeCall(farBridge.receiveMessage, (message, "", NO_HINT));
        attacks[4] = abi.encodeCall(farBridge.voidMessage, (message, ""));
        attacks[5] = abi.encodeCall(farBridge.acknowledge, (1, ""));
        attacks[6] = abi.encodeCall(farBridge.compensate, (1, "", NO_HINT));
        attacks[7] = abi.encodeCall(farBridge.mirror, (mirrored));
        attacks[8] = abi.encodeCall(farBridge.unmirror, (1, LOT, 1, NO_HINT));
    }

    function sendToReceiver(
        uint256 id
    ) private returns (IRegistryBridge.Message memory message) {
        onHome();
        IRegistryBridge.SendOrder memory order = orderOf(id, 1);
        order.to = address(receiver);
        vm.prank(HOLDER);
        bridge.send(order, deadline);
        message = messageOf(id);
        message.to = address(receiver);
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
