// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Pair} from "./support/Pair.sol";
import {RegistryBridge} from "../RegistryBridge.sol";
import {IRegistryBridge} from "../interfaces/IRegistryBridge.sol";
import {NO_HINT} from "../libraries/Constants.sol";
import {Roles} from "../libraries/Roles.sol";
import {BridgeWithoutAllowance} from "../mocks/BridgeWithoutAllowance.sol";
import {BridgeWithoutChain} from "../mocks/BridgeWithoutChain.sol";
import {BridgeWithoutClaim} from "../mocks/BridgeWithoutClaim.sol";
import {BridgeWithoutContract} from "../mocks/BridgeWithoutContract.sol";
import {BridgeWithoutOrder} from "../mocks/BridgeWithoutOrder.sol";
import {BridgeWithoutOutstanding} from "../mocks/BridgeWithoutOutstanding.sol";
import {BridgeWithoutReceipt} from "../mocks/BridgeWithoutReceipt.sol";
import {BridgeWithoutRegistry} from "../mocks/BridgeWithoutRegistry.sol";
import {BridgeWithoutSignature} from "../mocks/BridgeWithoutSignature.sol";

/// @title What each guard is for: one attack, that a bridge without it lets pass and ours refuses.
/// @dev Each attack ends with a call that `refuses...` can come before, so that the two tests of
/// a pair differ in the bridge and in what is said of that call.
contract BridgeGuardsTest is Pair {
    string private constant THIRD_NAME = "Third registry";
    bytes32 private constant THIRD = keccak256(bytes(THIRD_NAME));

    RegistryBridge private second;

    /// @dev Imported, returned, and then the first message once more.
    function replay() private returns (IRegistryBridge.Message memory message) {
        message = send(1, 10);
        take(message);
        takeBack(sendBack(2, LOT, 10));
        onFar();
    }

    function test_order_letsAMessageCountTwiceWithoutIt() public {
        replaceFar(new BridgeWithoutOrder(farAuthority, far, FAR_NAME));
        IRegistryBridge.Message memory message = replay();
        farBridge.receiveMessage(message, byHome(message), NO_HINT);
        assertHome(ISSUED, 0);
        assertAbroad(LOT + 1, 10, 10);
        assertAlive(ISSUED + 10);
    }

    function test_order_refusesAMessageASecondTime() public {
        IRegistryBridge.Message memory message = replay();
        refusesUsed(HOME, 1);
        farBridge.receiveMessage(message, byHome(message), NO_HINT);
        assertAlive(ISSUED);
    }

    /// @dev The home's key is in the wrong hands: it signs for what was never exported.
    function forge(uint64 amount) private returns (IRegistryBridge.Message memory message) {
        message = send(1, 1);
        message.end = START + amount;
        onFar();
    }

    function test_allowance_letsAStolenKeyMakeAnyAmountWithoutIt() public {
        replaceFar(new BridgeWithoutAllowance(farAuthority, far, FAR_NAME));
        IRegistryBridge.Message memory message = forge(1_000 * ISSUED);
        farBridge.receiveMessage(message, byHome(message), NO_HINT);
        assertHome(ISSUED - 1, 1);
        assertAbroad(LOT, 1_000 * ISSUED, 1_000 * ISSUED);
    }

    function test_allowance_boundsWhatAStolenKeyCanMake() public {
        IRegistryBridge.Message memory message = forge(1_000 * ISSUED);
        refuses(
            abi.encodeWithSelector(
                IRegistryBridge.AboveAllowance.selector,
                HOME,
                ALLOWANCE,
                0,
                1_000 * ISSUED
            )
        );
        farBridge.receiveMessage(message, byHome(message), NO_HINT);
        assertAlive(ISSUED - 1);
    }

    /// @dev One lock, and what stands for it issued twice.
    function mirrorOnce() private returns (IRegistryBridge.MirrorOrder memory order) {
        lock(5, 10);
        order = IRegistryBridge.MirrorOrder(HOME, 5, SCOPE, START, 10, 2020, BUYER, NO_HINT);
        vm.prank(OPERATOR);
        farBridge.mirror(order);
    }

    function test_claim_letsOneLockBeMirroredTwiceWithoutIt() public {
        replaceFar(new BridgeWithoutClaim(farAuthority, far, FAR_NAME));
        IRegistryBridge.MirrorOrder memory order = mirrorOnce();
        vm.prank(OPERATOR);
        farBridge.mirror(order);
        assertTotals(ISSUED - 10, 10, 0, 0);
        assertAbroad(LOT + 1, 10, 20);
        assertAlive(ISSUED + 10);
    }

    function test_claim_refusesSerialsThatAreHere() public {
        IRegistryBridge.MirrorOrder memory order = mirrorOnce();
        refuses(
            abi.encodeWithSelector(
                IRegistryBridge.IntervalAlreadyHere.selector,
                SCOPE_HASH,
                START,
                START + 10
            )
        );
        vm.prank(OPERATOR);
        farBridge.mirror(order);
        assertAlive(ISSUED);
    }

    /// @dev A double of the far chain, such as after a fork: all stands there at the same
    /// addresses. What happens on the one is undone before the other is played.
    function importOnBothChains() private returns (IRegistryBridge.Message memory message) {
        message = send(1, 10);
        uint256 before = vm.snapshotState();
        take(message);
        assertAbroad(LOT, 10, 10);
        vm.revertToState(before);
        vm.chainId(FAR_CHAIN + 1);
    }

    function test_chain_letsAMessageCountOnTwoChainsWithoutIt() public {
        replaceFar(new BridgeWithoutChain(farAuthority, far, FAR_NAME));
        IRegistryBridge.Message memory message = importOnBothChains();
        farBridge.receiveMessage(message, byHome(message), NO_HINT);
        assertHome(ISSUED - 10, 10);
        // As many as on the other chain.
        assertAbroad(LOT, 10, 10);
    }

    function test_chain_refusesMessagesForOtherChains() public {
        IRegistryBridge.Message memory message = importOnBothChains();
        refuses(
            abi.encodeWithSelector(
                IRegistryBridge.MessageForAnotherChain.selector,
                FAR_CHAIN
            )
        );
        farBridge.receiveMessage(message, byHome(message), NO_HINT);
        assertAbroad(LOT, 0, 0);
    }

    /// @dev The far registry has a second bridge, and the old one still has its role.
    function importAtOld(
        RegistryBridge next
    ) private returns (IRegistryBridge.Message memory message) {
        message = send(1, 10);
        take(message);
        second = next;
        farAuthority.grantRole(Roles.BRIDGE, address(next));
        vm.prank(OPERATOR);
        second.admitPeer(homeTerms(HOME_CHAIN));
    }

    function test_contract_letsAMessageCountAtTwoBridgesWithoutIt() public {
        RegistryBridge next =
            new BridgeWithoutContract(farAuthority, far, FAR_NAME);
        IRegistryBridge.Message memory message = importAtOld(next);
        second.receiveMessage(message, byHome(message), NO_HINT);
        assertHome(ISSUED - 10, 10);
        assertEq(far.balanceOf(BUYER, LOT) + far.balanceOf(BUYER, LOT + 1), 20);
        assertAlive(ISSUED + 10);
    }

    function test_contract_refusesMessagesForOtherBridges() public {
        RegistryBridge next = new RegistryBridge(farAuthority, far, FAR_NAME);
        IRegistryBridge.Message memory message = importAtOld(next);
        refuses(
            abi.encodeWithSelector(
                IRegistryBridge.MessageForAnotherBridge.selector,
                address(farBridge)
            )
        );
        second.receiveMessage(message, byHome(message), NO_HINT);
        assertAlive(ISSUED);
    }

    /// @dev Home has the far bridge's address under a third registry's name. What it sends there
    /// the third never sees, and says so.
    function sendToThird() private returns (IRegistryBridge.Message memory message) {
        IRegistryBridge.PeerTerms memory terms = farTerms(FAR_CHAIN);
        terms.name = THIRD_NAME;
        vm.prank(OPERATOR);
        bridge.admitPeer(terms);
        IRegistryBridge.SendOrder memory order = orderOf(1, 10);
        order.target = THIRD;
        onHome();
        vm.prank(HOLDER);
        bridge.send(order, deadline);
        message = messageOf(1);
        message.target = THIRD;
        assertEq(bridge.messageHash(message), bridge.exportOf(1).message);
        onFar();
    }

    function test_registry_letsAMessageCountAtAnotherWithoutIt() public {
        replaceFar(new BridgeWithoutRegistry(farAuthority, far, FAR_NAME));
        IRegistryBridge.Message memory message = sendToThird();
        farBridge.receiveMessage(message, byHome(message), NO_HINT);
        bytes memory receipt = receiptOf(1, IRegistryBridge.Outcome.Voided);
        bridge.compensate(1, receipt, NO_HINT);
        assertHome(ISSUED, 0);
        assertAbroad(LOT, 10, 10);
        assertAlive(ISSUED + 10);
    }

    function test_registry_refusesMessagesForOthers() public {
        IRegistryBridge.Message memory message = sendToThird();
        refuses(
            abi.encodeWithSelector(IRegistryBridge.MessageForAnotherRegistry.selector, THIRD)
        );
        farBridge.receiveMessage(message, byHome(message), NO_HINT);
        bytes memory receipt = receiptOf(1, IRegistryBridge.Outcome.Voided);
        bridge.compensate(1, receipt, NO_HINT);
        assertAlive(ISSUED);
    }

    /// @dev Nobody exported this.
    function invent() private returns (IRegistryBridge.Message memory message) {
        (message.source, message.target) = (HOME, FAR);
        (message.sourceChain, message.sourceBridge) = (HOME_CHAIN, address(bridge));
        (message.targetChain, message.targetBridge) = (FAR_CHAIN, address(farBridge));
        (message.id, message.number, message.exportId) = (1, 1, 1);
        (message.home, message.scope, message.vintage) = (HOME, SCOPE, 2020);
        (message.start, message.end) = (START, START + 10);
        (message.to, message.deadline) = (BUYER, deadline);
        onFar();
        vm.prank(STRANGER);
    }

    function test_signature_letsAnybodyMakeCreditsWithoutIt() public {
        replaceFar(new BridgeWithoutSignature(farAuthority, far, FAR_NAME));
        farBridge.receiveMessage(invent(), "", NO_HINT);
        assertHome(ISSUED, 0);
        assertAbroad(LOT, 10, 10);
        assertAlive(ISSUED + 10);
    }

    function test_signature_refusesWhatTheSourceDidNotSign() public {
        IRegistryBridge.Message memory message = invent();
        refusesUnattested(HOME, 1);
        farBridge.receiveMessage(message, signed(FAR_KEY, digestToSign(message)), NO_HINT);
        assertAlive(ISSUED);
    }

    /// @dev Imported in time, but the receipt is late.
    function letReceiptBeLate() private {
        carry(1, 10);
        vm.warp(deadline + 1);
        onHome();
    }

    function test_receipt_letsAnImportBeCompensatedWithoutIt() public {
        replaceHome(new BridgeWithoutReceipt(authority, registry, HOME_NAME));
        letReceiptBeLate();
        bridge.compensate(1, "", NO_HINT);
        assertHome(ISSUED, 0);
        assertAbroad(LOT, 10, 10);
        assertAlive(ISSUED + 10);
    }

    function test_receipt_refusesToCompensateByTheClock() public {
        letReceiptBeLate();
        refusesUnattested(FAR, 1);
        bridge.compensate(1, "", NO_HINT);
        assertAlive(ISSUED);
    }

    /// @dev The far signer sends home more than is there.
    function returnTooMuch() private returns (IRegistryBridge.Message memory message) {
        carry(1, 10);
        message = sendBack(2, LOT, 4);
        message.end = START + 15;
        onHome();
    }

    function test_outstanding_letsMoreComeBackThanWentWithoutIt() public {
        replaceHome(
            new BridgeWithoutOutstanding(authority, registry, HOME_NAME)
        );
        IRegistryBridge.Message memory message = returnTooMuch();
        bridge.receiveMessage(message, byFar(message), NO_HINT);
        assertHome(ISSUED - 10, 10);
        assertEq(registry.balanceOf(LENDER, LOT), 15);
        assertAbroad(LOT, 6, 6);
        assertAlive(ISSUED - 10 + 15 + 6);
    }

    function test_outstanding_refusesMoreThanWent() public {
        IRegistryBridge.Message memory message = returnTooMuch();
        refusesNotOutstanding(1, START, START + 15);
        bridge.receiveMessage(message, byFar(message), NO_HINT);
        assertAlive(ISSUED - 4);
    }

    /// @dev One more peer, that got nothing, sends home what is outstanding at the other.
    function test_outstanding_refusesWhatWentToAnother() public {
        carry(1, 10);
        IRegistryBridge.PeerTerms memory terms = farTerms(FAR_CHAIN);
        terms.name = THIRD_NAME;
        vm.prank(OPERATOR);
        bridge.admitPeer(terms);
        IRegistryBridge.Message memory message = sendBack(2, LOT, 4);
        message.source = THIRD;
        onHome();
        refusesNotOutstanding(1, START, START + 4);
        bridge.receiveMessage(message, byFar(message), NO_HINT);
        assertAlive(ISSUED - 4);
    }

    /// @dev Grams of BATCH that somebody holds, at home or abroad: at most those that were issued.
    function assertAlive(uint64 amount) private view {
        uint256 found = registry.totalsOf(BATCH).active;
        for (uint256 lot = LOT; lot < LOT + 4; ++lot) {
            found += registry.totalsOf(lot).active + far.totalsOf(lot).active;
        }
        assertEq(found, amount);
    }
}
