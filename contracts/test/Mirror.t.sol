// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Pair} from "./support/Pair.sol";
import {IAmounts} from "../interfaces/IAmounts.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";
import {IRegistryBridge} from "../interfaces/IRegistryBridge.sol";
import {NO_HINT} from "../libraries/Constants.sol";
import {Roles} from "../libraries/Roles.sol";

contract MirrorTest is Pair {
    function setUp() public override {
        super.setUp();
        lock(5, 10);
    }

    /// @dev Starts with everything wrong and mends one thing at a time.
    function test_mirror_refusesInOrder() public {
        IRegistryBridge.MirrorOrder memory order = orderFor(0);
        (order.source, order.to, order.scope) = (keccak256("nobody"), STRANGER, text(513));
        vm.prank(OPERATOR);
        far.pause();
        refusesRole(STRANGER, Roles.OPERATOR);
        vm.prank(STRANGER);
        farBridge.mirror(order);
        refusesPeer(order.source);
        mirror(order);
        order.source = HOME;
        refusesPaused();
        mirror(order);
        vm.prank(OPERATOR);
        far.unpause();
        refusesZero();
        mirror(order);
        order.amount = 2 ** 63;
        refuses(abi.encodeWithSelector(IAmounts.AmountTooLarge.selector, 2 ** 63));
        mirror(order);
        (order.amount, order.start) = (ALLOWANCE + 1, 2 ** 63 - 1);
        refuses(
            abi.encodeWithSelector(
                IAmounts.AmountTooLarge.selector,
                2 ** 63 + uint256(ALLOWANCE)
            )
        );
        mirror(order);
        order.start = START;
        refusesUnknown(STRANGER);
        mirror(order);
        order.to = BUYER;
        refusesText(513);
        mirror(order);
        order.scope = SCOPE;
        refuses(
            abi.encodeWithSelector(
                IRegistryBridge.AboveAllowance.selector,
                HOME,
                ALLOWANCE,
                0,
                ALLOWANCE + 1
            )
        );
        mirror(order);
        order.amount = 10;
        mirror(order);
        refuses(
            abi.encodeWithSelector(
                IRegistryBridge.IntervalAlreadyHere.selector,
                SCOPE_HASH,
                START,
                START + 10
            )
        );
        mirror(order);
    }

    function test_mirror_makesABatch() public {
        vm.expectEmit(address(farBridge));
        emit IRegistryBridge.CreditsImported(
            LOT,
            BUYER,
            HOME,
            HOME,
            5,
            0,
            SCOPE,
            START,
            START + 10,
            2020,
            true
        );
        mirror(orderFor(10));
        assertAbroad(LOT, 10, 10);
        (bytes32 home, uint256 exportId, bool mirrored) = farBridge.lotOf(LOT);
        assertEq(home, HOME);
        assertEq(exportId, 5);
        assertTrue(mirrored);
    }

    function test_mirror_makesWhatCannotBeSent() public {
        mirror(orderFor(10));
        IRegistryBridge.SendOrder memory order = returnOf(1, LOT, 5);
        order.target = keccak256("nobody");
        refusesPeer(order.target);
        vm.prank(BUYER);
        farBridge.send(order, deadline);
        order.target = HOME;
        refuses(abi.encodeWithSelector(IRegistryBridge.MirrorOnly.selector, LOT));
        vm.prank(BUYER);
        farBridge.send(order, deadline);
        join(HOME_CHAIN, FAR_CHAIN);
        refuses(abi.encodeWithSelector(IRegistryBridge.PeerOnAnotherChain.selector, HOME));
        vm.prank(BUYER);
        farBridge.move(order);
        vm.chainId(HOME_CHAIN);
        refuses(abi.encodeWithSelector(IRegistryBridge.MirrorOnly.selector, LOT));
        vm.prank(BUYER);
        farBridge.move(order);
    }

    function test_unmirror_refusesInOrder() public {
        carry(1, 10);
        // What was carried has its serials from behind the lock.
        refuses(abi.encodeWithSelector(IRegistryBridge.NotMirrored.selector, LOT));
        giveUp(1, LOT, 0);
        IRegistryBridge.MirrorOrder memory order = orderFor(10);
        mirror(order);
        vm.prank(OPERATOR);
        far.pause();
        refusesPaused();
        giveUp(1, LOT + 1, 0);
        vm.prank(OPERATOR);
        far.unpause();
        refusesZero();
        giveUp(1, LOT + 1, 0);
        refuses(
            abi.encodeWithSelector(
                ICarbonRegistry.InsufficientCredits.selector,
                LOT + 1,
                BUYER,
                10,
                11
            )
        );
        giveUp(1, LOT + 1, 11);
    }

    function test_unmirror_letsTheHomeRelease() public {
        mirror(orderFor(10));
        vm.prank(BUYER);
        far.cancel(2, LOT, 3, "");
        uint64 hint = farBridge.hintToSend(LOT, 4);
        vm.expectEmit(address(far));
        emit TransferSingle(address(farBridge), BUYER, address(0), LOT, 4);
        vm.expectEmit(address(farBridge));
        emit IRegistryBridge.CreditsExported(
            1,
            LOT,
            BUYER,
            HOME,
            address(0),
            4,
            START + 3,
            START + 7,
            HOME,
            5,
            0,
            0,
            true
        );
        vm.prank(BUYER);
        farBridge.unmirror(1, LOT, 4, hint);
        assertAbroad(LOT, 3, 6);
        vm.prank(OPERATOR);
        registry.releaseInterval(5, START + 3, 4);
        assertTotals(ISSUED - 6, 6, 0, 0);
        // Nothing of it can be asked back as an export.
        assertEq(uint256(farBridge.exportOf(1).status), 2);
    }

    function orderFor(
        uint64 amount
    ) private pure returns (IRegistryBridge.MirrorOrder memory) {
        return
            IRegistryBridge.MirrorOrder(
                HOME,
                5,
                SCOPE,
                START,
                amount,
                2020,
                BUYER,
                NO_HINT
            );
    }

    function mirror(IRegistryBridge.MirrorOrder memory order) private {
        vm.prank(OPERATOR);
        farBridge.mirror(order);
    }

    function giveUp(uint256 id, uint256 batch, uint64 amount) private {
        vm.prank(BUYER);
        farBridge.unmirror(id, batch, amount, NO_HINT);
    }
}
