// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Pair} from "./support/Pair.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";
import {IRegistryBridge} from "../interfaces/IRegistryBridge.sol";
import {ISerialIndex} from "../interfaces/ISerialIndex.sol";
import {NO_HINT} from "../libraries/Constants.sol";

contract SendTest is Pair {
    /// @dev Starts with everything wrong and mends one thing at a time.
    function test_send_refusesInOrder() public {
        IRegistryBridge.SendOrder memory order = orderOf(1, 0);
        (order.batch, order.target) = (NO_BATCH, keccak256("nobody"));
        lock(1, 1);
        close("holder");
        pause();
        uint64 now_ = uint64(block.timestamp);
        refusesPeer(order.target);
        sendAs(order, now_);
        order.target = FAR;
        refuses(
            abi.encodeWithSelector(ICarbonRegistry.DeadlineTooEarly.selector, now_, now_)
        );
        sendAs(order, now_);
        refusesLate(now_ + 30 days + 1, now_ + 30 days);
        sendAs(order, now_ + 30 days + 1);
        refusesPaused();
        sendAs(order, now_ + 1);
        unpause();
        refusesZero();
        sendAs(order, now_ + 1);
        order.amount = ISSUED + 1;
        refusesUnknownBatch();
        sendAs(order, now_ + 1);
        order.batch = BATCH;
        refusesClosed(HOLDER);
        sendAs(order, now_ + 1);
    }

    function test_send_refusesADeadlineMoreThan30DaysAway() public {
        uint64 latest = uint64(block.timestamp) + 30 days;
        refusesLate(type(uint64).max, latest);
        sendAs(orderOf(1, 10), type(uint64).max);
        sendAs(orderOf(1, 10), latest);
        assertEq(bridge.exportOf(1).deadline, latest);
    }

    function test_send_refusesIdsAndCreditsInOrder() public {
        IRegistryBridge.SendOrder memory order = orderOf(1, ISSUED + 1);
        lock(1, 1);
        freeze(HOLDER, 5);
        refusesUnknown(STRANGER);
        vm.prank(STRANGER);
        bridge.send(order, deadline);
        refusesId(1);
        sendAs(order, deadline);
        order.id = 0;
        refusesId(0);
        sendAs(order, deadline);
        order.id = 2;
        refusesInsufficient(HOLDER, ISSUED - 1, ISSUED + 1);
        sendAs(order, deadline);
        order.amount = ISSUED - 3;
        refusesEncumbered(ISSUED - 1, 0, 5, ISSUED - 3);
        sendAs(order, deadline);
    }

    function test_send_refusesMoreThanOnePiece() public {
        for (uint256 id = 1; id <= 4; ++id) lock(id, 2);
        release(1, 2);
        release(3, 2);
        retire(100, ISSUED - 9);
        // Two pieces of two and one gram above the cursor.
        IRegistryBridge.SendOrder memory order = orderOf(5, 3);
        refuses(abi.encodeWithSelector(ICarbonRegistry.TooFragmented.selector, BATCH, 2));
        sendAs(order, deadline);
        order.amount = 2;
        sendAs(order, deadline);
        assertEq(registry.intervalsOf(5), one(4, 6));
    }

    function test_send_saysTheCursorsRoomWhereThatIsMore() public {
        for (uint256 id = 1; id <= 2; ++id) lock(id, 2);
        release(1, 2);
        refuses(
            abi.encodeWithSelector(
                ICarbonRegistry.TooFragmented.selector,
                BATCH,
                ISSUED - 4
            )
        );
        sendAs(orderOf(5, ISSUED - 3), deadline);
    }

    function test_send_movesActiveToExported() public {
        vm.expectEmit(address(registry));
        emit TransferSingle(address(bridge), HOLDER, address(0), BATCH, 10);
        vm.expectEmit(address(bridge));
        emit IRegistryBridge.CreditsExported(
            7,
            BATCH,
            HOLDER,
            FAR,
            BUYER,
            10,
            START,
            START + 10,
            HOME,
            7,
            deadline,
            1,
            false
        );
        send(7, 10);
        assertHome(ISSUED - 10, 10);
        assertHolding(HOLDER, ISSUED - 10, 0, 0, 0);
        assertDisposition(7, ICarbonRegistry.Kind.Export, 10, one(0, 10));
        IRegistryBridge.ExportRecord memory sent = bridge.exportOf(7);
        assertEq(uint256(sent.status), uint256(IRegistryBridge.Status.Pending));
        assertEq(sent.target, FAR);
        assertEq(sent.number, 1);
        assertEq(sent.amount, 10);
        assertEq(sent.deadline, deadline);
        assertEq(bridge.nextNumberTo(FAR), 2);
        refusesId(7);
        lock(7, 1);
    }

    function test_send_numbersTheMessagesOfEachTarget() public {
        assertEq(send(1, 10).number, 1);
        assertEq(send(2, 10).number, 2);
        assertEq(bridge.nextNumberTo(FAR), 3);
        assertEq(bridge.nextNumberTo(keccak256("other")), 1);
    }

    function test_send_refusesToTakeForeignCreditsFurther() public {
        carry(1, 10);
        IRegistryBridge.PeerTerms memory third = homeTerms(HOME_CHAIN);
        third.name = "Third registry";
        vm.prank(OPERATOR);
        farBridge.admitPeer(third);
        onFar();
        IRegistryBridge.SendOrder memory order = returnOf(1, LOT, 5);
        order.target = keccak256("Third registry");
        vm.prank(OPERATOR);
        far.pause();
        refuses(abi.encodeWithSelector(IRegistryBridge.NotHome.selector, LOT, HOME));
        vm.prank(BUYER);
        farBridge.send(order, deadline);
        order.target = HOME;
        refusesPaused();
        vm.prank(BUYER);
        farBridge.send(order, deadline);
    }

    function test_send_freesWhatGoesHome() public {
        carry(1, 10);
        vm.expectEmit(address(far));
        emit TransferSingle(address(farBridge), BUYER, address(0), LOT, 4);
        vm.expectEmit(address(farBridge));
        emit IRegistryBridge.CreditsExported(
            9,
            LOT,
            BUYER,
            HOME,
            LENDER,
            4,
            START,
            START + 4,
            HOME,
            1,
            deadline,
            1,
            false
        );
        sendBack(9, LOT, 4);
        assertAbroad(LOT, 6, 6);
        assertEq(far.totalsOf(LOT).exported, 4);
        assertEq(farBridge.hintFor(SCOPE_HASH, START), NO_HINT);
        assertEq(farBridge.hintFor(SCOPE_HASH, START + 4), START + 4);
    }

    function test_send_refusesAStaleHint() public {
        carry(1, 10);
        onFar();
        IRegistryBridge.SendOrder memory order = returnOf(9, LOT, 4);
        order.hint = START;
        refuses(abi.encodeWithSelector(ISerialIndex.StaleHint.selector, START));
        vm.prank(BUYER);
        farBridge.send(order, deadline);
    }

    function test_send_hintsWhereTheTopOfTheStackIs() public {
        carry(1, 10);
        vm.startPrank(OPERATOR);
        far.lock(1, LOT, BUYER, 5, "");
        far.releaseInterval(1, START + 1, 2);
        vm.stopPrank();
        // The next two grams come from the stack; more than two from the cursor.
        assertEq(farBridge.hintToSend(LOT, 2), START);
        sendBack(2, LOT, 2);
        assertEq(farBridge.hintFor(SCOPE_HASH, START + 9), START + 3);
        assertEq(farBridge.hintToSend(LOT, 3), START + 3);
        sendBack(3, LOT, 3);
        assertAbroad(LOT, 2, 5);
    }

    function refusesLate(uint64 asked, uint64 latest) private {
        refuses(
            abi.encodeWithSelector(IRegistryBridge.DeadlineTooLate.selector, asked, latest)
        );
    }

    function sendAs(IRegistryBridge.SendOrder memory order, uint64 until) private {
        vm.prank(HOLDER);
        bridge.send(order, until);
    }
}
