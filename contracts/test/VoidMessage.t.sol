// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Pair} from "./support/Pair.sol";
import {IAmounts} from "../interfaces/IAmounts.sol";
import {IRegistryBridge} from "../interfaces/IRegistryBridge.sol";
import {NO_HINT} from "../libraries/Constants.sol";

contract VoidMessageTest is Pair {
    /// @dev Starts with everything wrong and mends one thing at a time.
    function test_voidMessage_refusesInOrder() public {
        IRegistryBridge.Message memory message = send(1, 10);
        message.source = keccak256("nobody");
        (message.target, message.targetBridge) = (HOME, address(bridge));
        (message.targetChain, message.number) = (HOME_CHAIN, 0);
        onFar();
        refusesPeer(message.source);
        farBridge.voidMessage(message, "");
        message.source = HOME;
        refuses(
            abi.encodeWithSelector(IRegistryBridge.MessageForAnotherRegistry.selector, HOME)
        );
        farBridge.voidMessage(message, "");
        message.target = FAR;
        refuses(abi.encodeWithSelector(IRegistryBridge.MessageForAnotherChain.selector, 1));
        farBridge.voidMessage(message, "");
        message.targetChain = FAR_CHAIN;
        refuses(
            abi.encodeWithSelector(
                IRegistryBridge.MessageForAnotherBridge.selector,
                address(bridge)
            )
        );
        farBridge.voidMessage(message, "");
        message.targetBridge = address(farBridge);
        refusesUnattested(HOME, 1);
        farBridge.voidMessage(message, "");
        refusesUsed(HOME, 0);
        farBridge.voidMessage(message, byHome(message));
        message.number = 2;
        refuses(
            abi.encodeWithSelector(IRegistryBridge.MessageOutOfOrder.selector, HOME, 1, 2)
        );
        farBridge.voidMessage(message, byHome(message));
        message.number = 1;
        vm.warp(deadline);
        refuses(
            abi.encodeWithSelector(
                IRegistryBridge.MessageNotExpired.selector,
                HOME,
                1,
                deadline
            )
        );
        farBridge.voidMessage(message, byHome(message));
        vm.warp(deadline + 1);
        farBridge.voidMessage(message, byHome(message));
    }

    function test_voidMessage_takesTheMessage() public {
        IRegistryBridge.Message memory message = send(1, 10);
        vm.prank(OPERATOR);
        far.pause();
        vm.expectEmit(address(farBridge));
        emit IRegistryBridge.MessageVoided(HOME, 1, HOME, 1, START, START + 10);
        voidAbroad(message);
        assertAbroad(LOT, 0, 0);
        assertEq(farBridge.nextNumberFrom(HOME), 2);
        assertEq(
            uint256(farBridge.outcomeOf(bridge.messageHash(message))),
            uint256(IRegistryBridge.Outcome.Voided)
        );
        refusesUsed(HOME, 1);
        farBridge.receiveMessage(message, byHome(message), NO_HINT);
        refusesUsed(HOME, 1);
        farBridge.voidMessage(message, byHome(message));
    }

    function test_voidMessage_refusesWhatWasImported() public {
        IRegistryBridge.Message memory message = send(1, 10);
        take(message);
        vm.warp(deadline + 1);
        refusesUsed(HOME, 1);
        farBridge.voidMessage(message, byHome(message));
    }

    function test_voidMessage_letsTheNextOnePass() public {
        IRegistryBridge.Message memory first = send(1, 10);
        deadline += 1_000;
        IRegistryBridge.Message memory second = send(2, 5);
        vm.warp(deadline);
        onFar();
        refuses(
            abi.encodeWithSelector(IRegistryBridge.MessageOutOfOrder.selector, HOME, 1, 2)
        );
        farBridge.receiveMessage(second, byHome(second), NO_HINT);
        farBridge.voidMessage(first, byHome(first));
        take(second);
        assertAbroad(LOT, 5, 5);
    }

    /// @dev What no bridge sends is not voided either: the number is left for what one did send.
    function test_voidMessage_refusesIntervalsThatNobodySends() public {
        IRegistryBridge.Message memory sent = send(1, 10);
        IRegistryBridge.Message memory lie = messageOf(1);
        (lie.start, lie.end) = (START + 10, START);
        vm.warp(deadline + 1);
        onFar();
        refusesZero();
        farBridge.voidMessage(lie, byHome(lie));
        lie.end = type(uint64).max;
        refuses(
            abi.encodeWithSelector(IAmounts.AmountTooLarge.selector, type(uint64).max)
        );
        farBridge.voidMessage(lie, byHome(lie));
        farBridge.voidMessage(sent, byHome(sent));
        bytes memory receipt = receiptOf(1, IRegistryBridge.Outcome.Voided);
        bridge.compensate(1, receipt, NO_HINT);
        assertHome(ISSUED, 0);
    }
}
