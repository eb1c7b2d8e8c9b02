// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Pair} from "./support/Pair.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";
import {IRegistryBridge} from "../interfaces/IRegistryBridge.sol";
import {NO_HINT} from "../libraries/Constants.sol";
import {RefusingReceiver} from "../mocks/RefusingReceiver.sol";

contract MoveTest is Pair {
    function setUp() public override {
        super.setUp();
        vm.chainId(HOME_CHAIN);
        join(HOME_CHAIN, HOME_CHAIN);
    }

    /// @dev Starts with everything wrong and mends one thing at a time.
    function test_move_refusesInOrderAtTheSource() public {
        IRegistryBridge.SendOrder memory order = orderOf(1, 0);
        (order.batch, order.target, order.scope) = (NO_BATCH, keccak256("nobody"), "other");
        pause();
        refusesPeer(order.target);
        moveAs(order);
        order.target = FAR;
        join(HOME_CHAIN, FAR_CHAIN);
        refuses(abi.encodeWithSelector(IRegistryBridge.PeerOnAnotherChain.selector, FAR));
        moveAs(order);
        join(HOME_CHAIN, HOME_CHAIN);
        refusesPaused();
        moveAs(order);
        unpause();
        refusesZero();
        moveAs(order);
        order.amount = 10;
        refusesUnknownBatch();
        moveAs(order);
        order.batch = BATCH;
        refuses(abi.encodeWithSelector(ICarbonRegistry.UnknownBatch.selector, BATCH));
        moveAs(order);
        order.scope = SCOPE;
        moveAs(order);
    }

    function test_move_refusesInOrderAtTheTarget() public {
        IRegistryBridge.SendOrder memory order = orderOf(1, ALLOWANCE + 1);
        order.to = STRANGER;
        IRegistryBridge.PeerTerms memory terms = homeTerms(HOME_CHAIN);
        terms.bridge = STRANGER;
        vm.startPrank(OPERATOR);
        farBridge.admitPeer(terms);
        far.pause();
        vm.stopPrank();
        refusesPeer(HOME);
        moveAs(order);
        join(FAR_CHAIN, HOME_CHAIN);
        refusesPeer(HOME);
        moveAs(order);
        join(HOME_CHAIN, HOME_CHAIN);
        refusesPaused();
        moveAs(order);
        vm.prank(OPERATOR);
        far.unpause();
        refusesUnknown(STRANGER);
        moveAs(order);
        order.to = BUYER;
        refuses(
            abi.encodeWithSelector(
                IRegistryBridge.AboveAllowance.selector,
                HOME,
                ALLOWANCE,
                0,
                ALLOWANCE + 1
            )
        );
        moveAs(order);
        assertHome(ISSUED, 0);
        assertEq(uint256(registry.dispositionOf(1).kind), 0);
    }

    function test_move_refusesSerialsThatAreThere() public {
        vm.prank(OPERATOR);
        farBridge.mirror(
            IRegistryBridge.MirrorOrder(HOME, 9, SCOPE, START + 5, 1, 2020, BUYER, NO_HINT)
        );
        refuses(
            abi.encodeWithSelector(
                IRegistryBridge.IntervalAlreadyHere.selector,
                SCOPE_HASH,
                START + 5,
                START + 6
            )
        );
        moveAs(orderOf(1, 10));
    }

    function test_move_leavesNothingPending() public {
        vm.expectEmit(address(registry));
        emit TransferSingle(address(bridge), HOLDER, address(0), BATCH, 10);
        vm.expectEmit(address(bridge));
        emit IRegistryBridge.CreditsExported(
            1,
            BATCH,
            HOLDER,
            FAR,
            BUYER,
            10,
            START,
            START + 10,
            HOME,
            1,
            0,
            0,
            false
        );
        vm.expectEmit(address(far));
        emit TransferSingle(address(farBridge), address(0), BUYER, LOT, 10);
        vm.expectEmit(address(farBridge));
        emit IRegistryBridge.CreditsImported(
            LOT,
            BUYER,
            HOME,
            HOME,
            1,
            0,
            SCOPE,
            START,
            START + 10,
            2020,
            false
        );
        moveAs(orderOf(1, 10));
        assertHome(ISSUED - 10, 10);
        assertAbroad(LOT, 10, 10);
        IRegistryBridge.ExportRecord memory sent = bridge.exportOf(1);
        assertEq(uint256(sent.status), uint256(IRegistryBridge.Status.Delivered));
        assertEq(sent.message, bytes32(0));
        assertEq(bridge.nextNumberTo(FAR), 1);
        assertEq(farBridge.nextNumberFrom(HOME), 1);
        refuses(abi.encodeWithSelector(IRegistryBridge.NoPendingExport.selector, 1));
        bridge.acknowledge(1, "");
    }

    function test_move_bringsCreditsHome() public {
        moveAs(orderOf(1, 10));
        IRegistryBridge.SendOrder memory order = returnOf(7, LOT, 4);
        vm.expectEmit(address(bridge));
        emit IRegistryBridge.CreditsReturned(1, BATCH, LENDER, FAR, 0, START, START + 4);
        vm.prank(BUYER);
        farBridge.move(order);
        assertHome(ISSUED - 6, 6);
        assertHolding(LENDER, 4, 0, 0, 0);
        assertAbroad(LOT, 6, 6);
        assertEq(far.totalsOf(LOT).exported, 4);
    }

    function test_move_refusesForeignCreditsElsewhere() public {
        moveAs(orderOf(1, 10));
        IRegistryBridge.PeerTerms memory third = homeTerms(HOME_CHAIN);
        third.name = "Third registry";
        vm.prank(OPERATOR);
        farBridge.admitPeer(third);
        IRegistryBridge.SendOrder memory order = returnOf(7, LOT, 4);
        order.target = keccak256("Third registry");
        refuses(abi.encodeWithSelector(IRegistryBridge.NotHome.selector, LOT, HOME));
        vm.prank(BUYER);
        farBridge.move(order);
    }

    function test_move_isUndoneIfTheReceiverRefuses() public {
        RefusingReceiver refuser = new RefusingReceiver(false);
        open(address(refuser), "refuser");
        IRegistryBridge.SendOrder memory order = orderOf(1, 10);
        order.to = address(refuser);
        vm.expectRevert(RefusingReceiver.Refused.selector);
        moveAs(order);
        assertHome(ISSUED, 0);
        assertAbroad(LOT, 0, 0);
    }

    /// @dev Whatever it says, only a peer's bridge on this chain is heard.
    function test_arrive_refusesInOrder() public {
        IRegistryBridge.Message memory message;
        (message.source, message.target) = (keccak256("nobody"), HOME);
        (message.targetChain, message.targetBridge) = (9, STRANGER);
        refusesPeer(message.source);
        farBridge.arrive(message, NO_HINT);
        message.source = HOME;
        refusesPeer(HOME);
        farBridge.arrive(message, NO_HINT);
        vm.startPrank(address(bridge));
        refuses(
            abi.encodeWithSelector(IRegistryBridge.MessageForAnotherRegistry.selector, HOME)
        );
        farBridge.arrive(message, NO_HINT);
        message.target = FAR;
        refuses(abi.encodeWithSelector(IRegistryBridge.MessageForAnotherChain.selector, 9));
        farBridge.arrive(message, NO_HINT);
        message.targetChain = HOME_CHAIN;
        refuses(
            abi.encodeWithSelector(
                IRegistryBridge.MessageForAnotherBridge.selector,
                STRANGER
            )
        );
        farBridge.arrive(message, NO_HINT);
        vm.stopPrank();
    }

    /// @dev What moves has no number, so that a bridge that lies cannot pass for a message.
    function test_arrive_doesNotHeedANumber() public {
        IRegistryBridge.Message memory message;
        (message.source, message.target, message.home) = (HOME, FAR, HOME);
        (message.targetChain, message.targetBridge) = (HOME_CHAIN, address(farBridge));
        (message.exportId, message.number, message.scope) = (1, 3, SCOPE);
        (message.start, message.end, message.vintage) = (START, START + 10, 2020);
        message.to = BUYER;
        vm.expectEmit(address(farBridge));
        emit IRegistryBridge.CreditsImported(
            LOT,
            BUYER,
            HOME,
            HOME,
            1,
            0,
            SCOPE,
            START,
            START + 10,
            2020,
            false
        );
        vm.prank(address(bridge));
        farBridge.arrive(message, NO_HINT);
        assertEq(farBridge.nextNumberFrom(HOME), 1);
    }

    function test_fuzz_move_keepsTheTwoSidesEqual(uint256 seed) public {
        uint64 out = uint64(bound(seed, 1, ALLOWANCE));
        uint64 back = uint64(bound(seed >> 64, 1, out));
        moveAs(orderOf(1, out));
        IRegistryBridge.SendOrder memory order = returnOf(7, LOT, back);
        vm.prank(BUYER);
        farBridge.move(order);
        assertHome(ISSUED - out + back, out - back);
        assertAbroad(LOT, out - back, out - back);
    }

    function moveAs(IRegistryBridge.SendOrder memory order) private {
        vm.prank(HOLDER);
        bridge.move(order);
    }
}
