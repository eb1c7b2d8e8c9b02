// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Pair} from "./support/Pair.sol";
import {IRegistryBridge} from "../interfaces/IRegistryBridge.sol";

/// @title What crossing between registries costs, as GasTest measures it.
/// @dev Each figure is of the second crossing: the first one of a scope costs some 40,000 more. A
/// move is held to 10 % above what a prototype took, all others to 10 % above what they take.
/// forge-config: default.isolate = true
contract BridgeGasTest is Pair {
    event Measured(string operation, uint256 gas, uint256 bound);

    function setUp() public override {
        super.setUp();
        take(send(100, TONNE));
    }

    function test_send_costsAtMost() public {
        IRegistryBridge.SendOrder memory order = orderOf(1, TONNE);
        onHome();
        vm.prank(HOLDER);
        bridge.send(order, deadline);
        assertCost("send", 229_000);
        IRegistryBridge.Message memory message = messageOf(1);
        bytes memory signature = byHome(message);
        uint64 hint = farBridge.hintFor(SCOPE_HASH, message.start);
        onFar();
        farBridge.receiveMessage(message, signature, hint);
        assertCost("import", 280_000);
        bytes memory receipt = receiptOf(1, IRegistryBridge.Outcome.Imported);
        bridge.acknowledge(1, receipt);
        assertCost("acknowledge", 63_000);
        order = returnOf(1, LOT + 1, TONNE / 2);
        onFar();
        vm.prank(BUYER);
        farBridge.send(order, deadline);
        assertCost("send home", 268_000);
        message = returnMessageOf(1);
        signature = byFar(message);
        onHome();
        bridge.receiveMessage(message, signature, 0);
        assertCost("return", 199_000);
    }

    function test_compensate_costsAtMost() public {
        IRegistryBridge.Message memory message = send(1, TONNE);
        bytes memory signature = byHome(message);
        vm.warp(deadline + 1);
        onFar();
        farBridge.voidMessage(message, signature);
        assertCost("void", 81_000);
        bytes memory receipt = receiptOf(1, IRegistryBridge.Outcome.Voided);
        bridge.compensate(1, receipt, 0);
        assertCost("compensate", 106_000);
    }

    function test_move_costsAtMost() public {
        join(HOME_CHAIN, HOME_CHAIN);
        onHome();
        IRegistryBridge.SendOrder memory order = orderOf(1, TONNE);
        order.hint = START;
        vm.prank(HOLDER);
        bridge.move(order);
        assertCost("move", 382_800);
        order = returnOf(1, LOT + 1, TONNE / 2);
        vm.prank(BUYER);
        farBridge.move(order);
        assertCost("move home", 369_000);
    }

    function test_mirror_costsAtMost() public {
        lock(1, TONNE);
        IRegistryBridge.MirrorOrder memory order = IRegistryBridge.MirrorOrder({
            source: HOME,
            lock: 1,
            scope: SCOPE,
            start: START + 10 * TONNE,
            amount: TONNE,
            vintage: 2020,
            to: BUYER,
            hint: START
        });
        vm.prank(OPERATOR);
        farBridge.mirror(order);
        assertCost("mirror", 265_000);
        uint64 hint = farBridge.hintToSend(LOT + 1, TONNE);
        vm.prank(BUYER);
        farBridge.unmirror(1, LOT + 1, TONNE, hint);
        assertCost("unmirror", 204_000);
        vm.prank(OPERATOR);
        registry.releaseInterval(1, START + TONNE, TONNE);
        assertCost("releaseInterval", 77_000);
    }

    function assertCost(string memory operation, uint256 most) private {
        uint256 gas = vm.lastCallGas().gasTotalUsed;
        emit Measured(operation, gas, most);
        assertAtMost(gas, most);
    }
}
