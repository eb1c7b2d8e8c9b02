// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Pair} from "./support/Pair.sol";
import {IAmounts} from "../interfaces/IAmounts.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";
import {IRegistryBridge} from "../interfaces/IRegistryBridge.sol";
import {ISerialIndex} from "../interfaces/ISerialIndex.sol";
import {NO_HINT} from "../libraries/Constants.sol";
import {RefusingReceiver} from "../mocks/RefusingReceiver.sol";
import {Interval, interval} from "../types/Interval.sol";

contract ReceiveMessageTest is Pair {
    /// @dev Starts with everything wrong and mends one thing at a time.
    function test_receiveMessage_refusesInOrder() public {
        IRegistryBridge.Message memory message = send(1, 10);
        message.source = keccak256("nobody");
        (message.target, message.targetBridge) = (HOME, address(bridge));
        (message.targetChain, message.number) = (HOME_CHAIN, 0);
        vm.warp(deadline + 1);
        onFar();
        refusesPeer(message.source);
        farBridge.receiveMessage(message, "", NO_HINT);
        message.source = HOME;
        refuses(
            abi.encodeWithSelector(IRegistryBridge.MessageForAnotherRegistry.selector, HOME)
        );
        farBridge.receiveMessage(message, "", NO_HINT);
        message.target = FAR;
        refuses(abi.encodeWithSelector(IRegistryBridge.MessageForAnotherChain.selector, 1));
        farBridge.receiveMessage(message, "", NO_HINT);
        message.targetChain = FAR_CHAIN;
        refuses(
            abi.encodeWithSelector(
                IRegistryBridge.MessageForAnotherBridge.selector,
                address(bridge)
            )
        );
        farBridge.receiveMessage(message, "", NO_HINT);
        message.targetBridge = address(farBridge);
        refusesUnattested(HOME, 1);
        farBridge.receiveMessage(message, "", NO_HINT);
        refusesUsed(HOME, 0);
        receiveSigned(message);
        message.number = 2;
        refuses(
            abi.encodeWithSelector(
                IRegistryBridge.MessageOutOfOrder.selector,
                HOME,
                1,
                2
            )
        );
        receiveSigned(message);
        message.number = 1;
        refuses(
            abi.encodeWithSelector(
                IRegistryBridge.MessageExpired.selector,
                HOME,
                1,
                deadline
            )
        );
        receiveSigned(message);
    }

    /// @dev What only a signer that lies can bring about.
    function test_receiveMessage_refusesInOrderWhatAnImportSays() public {
        IRegistryBridge.Message memory message = send(1, 10);
        (message.home, message.to) = (keccak256("third"), STRANGER);
        (message.start, message.end, message.scope) = (2 ** 63, 2 ** 63, text(513));
        onFar();
        vm.prank(OPERATOR);
        far.pause();
        refusesZero();
        receiveSigned(message);
        (message.start, message.end) = (2 ** 63 - 1, 2 ** 63);
        refuses(abi.encodeWithSelector(IAmounts.AmountTooLarge.selector, 2 ** 63));
        receiveSigned(message);
        (message.start, message.end) = (START, START + ALLOWANCE + 1);
        refusesPaused();
        receiveSigned(message);
        vm.prank(OPERATOR);
        far.unpause();
        refusesUnknown(STRANGER);
        receiveSigned(message);
        message.to = BUYER;
        refusesText(513);
        receiveSigned(message);
        message.scope = SCOPE;
        refusesPeer(message.home);
        receiveSigned(message);
        message.home = HOME;
        refuses(
            abi.encodeWithSelector(
                IRegistryBridge.AboveAllowance.selector,
                HOME,
                ALLOWANCE,
                0,
                ALLOWANCE + 1
            )
        );
        receiveSigned(message);
        message.end = START + 10;
        receiveSigned(message);
        assertAbroad(LOT, 10, 10);
    }

    function test_receiveMessage_refusesWhatIsHereAlready() public {
        carry(1, 10);
        IRegistryBridge.Message memory message = send(2, 10);
        (message.start, message.end) = (START + 9, START + 12);
        bytes memory signature = byHome(message);
        onFar();
        refuses(abi.encodeWithSelector(ISerialIndex.StaleHint.selector, START + 9));
        farBridge.receiveMessage(message, signature, START + 9);
        refuses(
            abi.encodeWithSelector(
                IRegistryBridge.IntervalAlreadyHere.selector,
                SCOPE_HASH,
                START,
                START + 10
            )
        );
        farBridge.receiveMessage(message, signature, START);
    }

    function test_receiveMessage_makesABatch() public {
        IRegistryBridge.Message memory message = send(1, 10);
        vm.expectEmit(address(far));
        emit TransferSingle(address(farBridge), address(0), BUYER, LOT, 10);
        vm.expectEmit(address(farBridge));
        emit IRegistryBridge.CreditsImported(
            LOT,
            BUYER,
            HOME,
            HOME,
            1,
            1,
            SCOPE,
            START,
            START + 10,
            2020,
            false
        );
        take(message);
        assertAbroad(LOT, 10, 10);
        assertEq(far.balanceOf(BUYER, LOT), 10);
        ICarbonRegistry.BatchRecord memory made = far.batchOf(LOT);
        assertEq(made.start, START);
        assertEq(made.issued, 10);
        assertEq(made.vintage, 2020);
        assertEq(made.scope, SCOPE_HASH);
        assertEq(made.statement, bytes32(0));
        (bytes32 home, uint256 exportId, bool mirrored) = farBridge.lotOf(LOT);
        assertEq(home, HOME);
        assertEq(exportId, 1);
        assertFalse(mirrored);
        assertEq(
            uint256(farBridge.outcomeOf(bridge.messageHash(message))),
            uint256(IRegistryBridge.Outcome.Imported)
        );
        assertEq(farBridge.nextNumberFrom(HOME), 2);
    }

    function test_receiveMessage_makesOneBatchForEachMessage() public {
        carry(1, 10);
        carry(2, 5);
        assertAbroad(LOT, 10, 15);
        assertAbroad(LOT + 1, 5, 15);
        // Neighbours of one home are one claim.
        assertEq(farBridge.hintFor(SCOPE_HASH, START + 14), START);
    }

    function test_receiveMessage_refusesTheSameAgain() public {
        IRegistryBridge.Message memory message = send(1, 10);
        take(message);
        refusesUsed(HOME, 1);
        receiveSigned(message);
    }

    function test_receiveMessage_takesTheLastSecond() public {
        IRegistryBridge.Message memory message = send(1, 10);
        vm.warp(deadline);
        take(message);
        assertAbroad(LOT, 10, 10);
    }

    function test_receiveMessage_refusesAnotherBridgeOfThePeer() public {
        IRegistryBridge.Message memory message = send(1, 10);
        message.sourceChain = 3;
        refusesUnattested(HOME, 1);
        receiveSigned(message);
        (message.sourceChain, message.sourceBridge) = (HOME_CHAIN, STRANGER);
        refusesUnattested(HOME, 1);
        receiveSigned(message);
    }

    function test_fuzz_receiveMessage_refusesAnyChange(uint256 seed) public {
        IRegistryBridge.Message memory message = send(1, 10);
        bytes memory signature = byHome(message);
        uint256 which = seed % 8;
        uint64 by = uint64(bound(seed >> 8, 1, 1_000));
        if (which == 0) message.id += by;
        else if (which == 1) message.number += by;
        else if (which == 2) message.exportId += by;
        else if (which == 3) message.start -= by;
        else if (which == 4) message.end += by;
        else if (which == 5) message.vintage += uint16(by);
        else if (which == 6) message.deadline += by;
        else (message.to, message.scope) = (LENDER, "other");
        onFar();
        refusesUnattested(HOME, message.id);
        farBridge.receiveMessage(message, signature, NO_HINT);
    }

    function test_receiveMessage_takesAReturn() public {
        carry(1, 10);
        IRegistryBridge.Message memory message = sendBack(1, LOT, 4);
        vm.expectEmit(address(registry));
        emit TransferSingle(address(bridge), address(0), LENDER, BATCH, 4);
        vm.expectEmit(address(bridge));
        emit IRegistryBridge.CreditsReturned(1, BATCH, LENDER, FAR, 1, START, START + 4);
        takeBack(message);
        assertHome(ISSUED - 6, 6);
        assertHolding(LENDER, 4, 0, 0, 0);
        assertDisposition(1, ICarbonRegistry.Kind.Export, 6, one(4, 10));
        assertAbroad(LOT, 6, 6);
        // The serials are to be had again, and can go abroad again.
        onHome();
        vm.prank(LENDER);
        bridge.send(orderOf(2, 4), deadline);
        assertDisposition(2, ICarbonRegistry.Kind.Export, 4, one(0, 4));
        take(messageOf(2));
        assertAbroad(LOT + 1, 4, 10);
    }

    /// @dev From UnknownAccount on; before it all is as for an import.
    function test_receiveMessage_refusesAReturnInOrder() public {
        carry(1, 10);
        IRegistryBridge.Message memory message = sendBack(1, LOT, 4);
        (message.to, message.exportId) = (STRANGER, 2);
        (message.start, message.end) = (START + 8, START + 11);
        pause();
        refusesPaused();
        returnSigned(message);
        unpause();
        refusesUnknown(STRANGER);
        returnSigned(message);
        message.to = LENDER;
        refusesNotOutstanding(2, START + 8, START + 11);
        returnSigned(message);
        lock(2, 10);
        refusesNotOutstanding(2, START + 8, START + 11);
        returnSigned(message);
        message.exportId = 1;
        refusesNotOutstanding(1, START + 8, START + 11);
        returnSigned(message);
        message.end = START + 10;
        returnSigned(message);
        assertDisposition(1, ICarbonRegistry.Kind.Export, 8, one(0, 8));
    }

    function test_receiveMessage_takesReturnsOutOfTheMiddle() public {
        carry(1, 100);
        IRegistryBridge.Message memory message = sendBack(1, LOT, 50);
        (message.start, message.end) = (START + 20, START + 30);
        returnSigned(message);
        assertEq(registry.intervalsOf(1), two(0, 20, 30, 100));
        (message.start, message.end, message.number) = (START + 40, START + 50, 2);
        returnSigned(message);
        Interval[] memory pieces = new Interval[](3);
        pieces[0] = interval(START, START + 20);
        pieces[1] = interval(START + 30, START + 40);
        pieces[2] = interval(START + 50, START + 100);
        assertEq(registry.intervalsOf(1), pieces);
        (message.start, message.end, message.number) = (START, START + 20, 3);
        returnSigned(message);
        // The last piece took the place of the one that went.
        assertEq(registry.intervalsOf(1), two(50, 100, 30, 40));
        message.number = 4;
        refusesNotOutstanding(1, START, START + 20);
        returnSigned(message);
    }

    function test_receiveMessage_refusesReturnOfWhatIsNotOurs() public {
        // Abroad exports what came from home; home then claims that it was abroad's own.
        carry(1, 10);
        sendBack(5, LOT, 10);
        IRegistryBridge.Message memory message = send(2, 10);
        (message.home, message.exportId, message.to) = (FAR, 5, BUYER);
        (message.start, message.end) = (START, START + 10);
        refusesNotOutstanding(5, START, START + 10);
        receiveSigned(message);
    }

    function test_receiveMessage_asksTheReceiver() public {
        RefusingReceiver refuser = new RefusingReceiver(false);
        open(address(refuser), "refuser");
        onHome();
        IRegistryBridge.SendOrder memory order = orderOf(1, 10);
        order.to = address(refuser);
        vm.prank(HOLDER);
        bridge.send(order, deadline);
        IRegistryBridge.Message memory message = messageOf(1);
        message.to = address(refuser);
        bytes memory signature = byHome(message);
        onFar();
        vm.expectRevert(RefusingReceiver.Refused.selector);
        farBridge.receiveMessage(message, signature, NO_HINT);
        assertAbroad(LOT, 0, 0);
    }

    function test_fuzz_receiveMessage_keepsTheTwoSidesEqual(uint256 seed) public {
        uint64 out = uint64(bound(seed, 1, ALLOWANCE));
        carry(1, out);
        uint64 back = uint64(bound(seed >> 64, 1, out));
        uint64 retired = uint64(bound(seed >> 128, 0, out - back));
        if (retired > 0) {
            ICarbonRegistry.RetireOrder memory order = retireOrder(1, retired);
            order.batch = LOT;
            vm.prank(BUYER);
            far.retire(order);
        }
        takeBack(sendBack(2, LOT, back));
        assertHome(ISSUED - out + back, out - back);
        assertAbroad(LOT, out - back - retired, out - back);
        assertEq(far.totalsOf(LOT).retired, retired);
    }

    /// @dev Signs whatever the message says.
    function receiveSigned(IRegistryBridge.Message memory message) private {
        onFar();
        farBridge.receiveMessage(message, byHome(message), NO_HINT);
    }

    function returnSigned(IRegistryBridge.Message memory message) private {
        onHome();
        bridge.receiveMessage(message, byFar(message), NO_HINT);
    }
}
