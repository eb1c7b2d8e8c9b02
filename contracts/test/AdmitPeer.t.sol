// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Pair} from "./support/Pair.sol";
import {RegistryBridge} from "../RegistryBridge.sol";
import {IAmounts} from "../interfaces/IAmounts.sol";
import {IRegistryBridge} from "../interfaces/IRegistryBridge.sol";
import {Roles} from "../libraries/Roles.sol";

contract AdmitPeerTest is Pair {
    function test_admitPeer_refusesInOrder() public {
        IRegistryBridge.PeerTerms memory terms = homeTerms(HOME_CHAIN);
        refusesRole(STRANGER, Roles.OPERATOR);
        vm.prank(STRANGER);
        bridge.admitPeer(terms);
        refusesPeer(HOME);
        vm.prank(OPERATOR);
        bridge.admitPeer(terms);
        (terms.name, terms.bridge) = ("Third registry", address(0));
        refusesPeer(keccak256("Third registry"));
        vm.prank(OPERATOR);
        bridge.admitPeer(terms);
    }

    function test_admitPeer_keepsTheTerms() public {
        IRegistryBridge.PeerTerms memory terms =
            IRegistryBridge.PeerTerms("Third registry", 5, address(7), address(8), 9);
        bytes32 third = keccak256("Third registry");
        vm.expectEmit(address(bridge));
        emit IRegistryBridge.PeerAdmitted(third, terms.name, 5, address(7), address(8), 9);
        vm.prank(OPERATOR);
        bridge.admitPeer(terms);
        IRegistryBridge.PeerRecord memory peer = bridge.peerOf(third);
        assertEq(peer.chain, 5);
        assertEq(peer.bridge, address(7));
        assertEq(peer.signer, address(8));
        assertEq(peer.allowance, 9);
        assertEq(peer.outstanding, 0);
        assertEq(peer.sent, 0);
        assertEq(peer.taken, 0);
        assertEq(bridge.peerOf(keccak256("nobody")).bridge, address(0));
    }

    function test_admitPeer_changesTermsAndNothingElse() public {
        carry(1, 10);
        IRegistryBridge.PeerTerms memory terms = homeTerms(HOME_CHAIN);
        terms.allowance = 5;
        vm.prank(OPERATOR);
        farBridge.admitPeer(terms);
        IRegistryBridge.PeerRecord memory peer = farBridge.peerOf(HOME);
        assertEq(peer.allowance, 5);
        assertEq(peer.outstanding, 10);
        assertEq(peer.taken, 1);
        IRegistryBridge.Message memory message = send(2, 1);
        bytes memory signature = byHome(message);
        onFar();
        refuses(
            abi.encodeWithSelector(IRegistryBridge.AboveAllowance.selector, HOME, 5, 10, 1)
        );
        farBridge.receiveMessage(message, signature, START);
    }

    function test_admitPeer_refusesAnAllowanceThatBooksCannotKeep() public {
        IRegistryBridge.PeerTerms memory terms = farTerms(FAR_CHAIN);
        terms.allowance = 2 ** 63;
        refuses(abi.encodeWithSelector(IAmounts.AmountTooLarge.selector, 2 ** 63));
        vm.prank(OPERATOR);
        bridge.admitPeer(terms);
        terms.allowance -= 1;
        vm.prank(OPERATOR);
        bridge.admitPeer(terms);
    }

    /// @dev Else what is sent to a bridge in another's place would never be its next message, and
    /// could be neither imported nor voided.
    function test_admitPeer_countsMessagesOfANewBridgeFromOne() public {
        carry(1, 10);
        carry(2, 10);
        RegistryBridge former = farBridge;
        farAuthority.revokeRole(Roles.BRIDGE, address(former));
        replaceFar(new RegistryBridge(farAuthority, far, FAR_NAME));
        assertEq(bridge.nextNumberTo(FAR), 1);
        carry(3, 10);
        assertAbroad(LOT + 2, 10, 10);
        assertEq(bridge.nextNumberTo(FAR), 2);
        farBridge = former;
        join(HOME_CHAIN, FAR_CHAIN);
        assertEq(bridge.nextNumberTo(FAR), 3);
    }

    function test_admitPeer_doesNotLetABridgeThatIsBackRepeatItself() public {
        IRegistryBridge.Message memory message = send(1, 10);
        take(message);
        bytes memory signature = byHome(message);
        IRegistryBridge.PeerTerms memory terms = homeTerms(HOME_CHAIN);
        terms.bridge = address(7);
        vm.startPrank(OPERATOR);
        farBridge.admitPeer(terms);
        assertEq(farBridge.nextNumberFrom(HOME), 1);
        refusesUnattested(HOME, 1);
        farBridge.receiveMessage(message, signature, START);
        farBridge.admitPeer(homeTerms(HOME_CHAIN + 9));
        assertEq(farBridge.nextNumberFrom(HOME), 1);
        farBridge.admitPeer(homeTerms(HOME_CHAIN));
        vm.stopPrank();
        assertEq(farBridge.nextNumberFrom(HOME), 2);
        refusesUsed(HOME, 1);
        farBridge.receiveMessage(message, signature, START);
    }

    function test_admitPeer_refusesChainsThatNobodyHas() public {
        IRegistryBridge.PeerTerms memory terms = farTerms(2 ** 96);
        vm.expectRevert(
            abi.encodeWithSignature(
                "SafeCastOverflowedUintDowncast(uint8,uint256)",
                96,
                2 ** 96
            )
        );
        vm.prank(OPERATOR);
        bridge.admitPeer(terms);
    }

    function test_bridge_saysWhatItIs() public view {
        assertEq(bridge.self(), HOME);
        assertEq(address(bridge.authority()), address(authority));
        assertEq(address(bridge.credits()), address(registry));
    }
}
