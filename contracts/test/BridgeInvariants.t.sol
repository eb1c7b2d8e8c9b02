// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Pair} from "./support/Pair.sol";
import {Partition} from "./support/Partition.sol";
import {CarbonRegistry} from "../CarbonRegistry.sol";
import {RegistryBridge} from "../RegistryBridge.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";
import {IRegistryBridge} from "../interfaces/IRegistryBridge.sol";
import {NO_HINT} from "../libraries/Constants.sol";

/// @title Sends credits out and home, by message and in one step, with messages late and lost.
/// @dev Both registries are on one chain, so that both ways are open. Messages are taken in their
/// order; one that is past its deadline is voided.
contract BridgeHandler is Pair {
    uint256 public lastId;
    uint256 public done;
    IRegistryBridge.Message[] private _out;
    IRegistryBridge.Message[] private _back;
    uint256 private _outTaken;
    uint256 private _backTaken;

    function setUp() public override {
        super.setUp();
        join(HOME_CHAIN, HOME_CHAIN);
        onHome();
        vm.prank(HOLDER);
        registry.safeTransferFrom(HOLDER, LENDER, BATCH, 40 * TONNE, "");
    }

    function parts()
        external
        view
        returns (CarbonRegistry, CarbonRegistry, RegistryBridge, RegistryBridge)
    {
        return (registry, far, bridge, farBridge);
    }

    /// @notice Grams that left one side and did not get to the other, nor back.
    function onTheWay() external view returns (uint256 out, uint256 back) {
        for (uint256 i = 0; i < _out.length; ++i) {
            out += _underway(bridge, farBridge, _out[i]);
        }
        for (uint256 i = 0; i < _back.length; ++i) {
            back += _underway(farBridge, bridge, _back[i]);
        }
    }

    function lots() public view returns (uint256 count) {
        while (far.batchOf(count + 1).issued > 0) ++count;
    }

    function sendOut(uint256 who, uint256 size) external {
        address holder = who % 2 == 0 ? HOLDER : LENDER;
        uint64 amount = _amount(registry.balanceOf(holder, BATCH), size);
        if (amount == 0) return;
        deadline = uint64(block.timestamp) + 1_000;
        vm.prank(holder);
        try bridge.send(orderOf(++lastId, amount), deadline) {
            _out.push(messageOf(lastId));
            ++done;
        } catch {}
    }

    function takeOut() external {
        if (_outTaken == _out.length) return;
        IRegistryBridge.Message memory message = _out[_outTaken];
        if (block.timestamp > message.deadline) {
            farBridge.voidMessage(message, byHome(message));
        } else {
            uint64 hint = farBridge.hintFor(SCOPE_HASH, message.start);
            try farBridge.receiveMessage(message, byHome(message), hint) {} catch {
                // Above the allowance: it waits, and is voided some day.
                return;
            }
        }
        ++_outTaken;
        ++done;
    }

    function settleOut(uint256 pick) external {
        if (_outTaken == 0) return;
        IRegistryBridge.Message memory message = _out[pick % _outTaken];
        _settle(bridge, farBridge, message, FAR_KEY);
    }

    function sendHome(uint256 pick, uint256 size) external {
        (uint256 lot, uint64 amount) = _holding(pick, size);
        if (amount == 0) return;
        deadline = uint64(block.timestamp) + 1_000;
        IRegistryBridge.SendOrder memory order = returnOf(++lastId, lot, amount);
        vm.prank(BUYER);
        try farBridge.send(order, deadline) {
            _back.push(returnMessageOf(lastId));
            ++done;
        } catch {}
    }

    function takeHome() external {
        if (_backTaken == _back.length) return;
        IRegistryBridge.Message memory message = _back[_backTaken++];
        if (block.timestamp > message.deadline) {
            bridge.voidMessage(message, byFar(message));
        } else {
            // What went out can always come home.
            bridge.receiveMessage(message, byFar(message), NO_HINT);
        }
        ++done;
    }

    function settleHome(uint256 pick) external {
        if (_backTaken == 0) return;
        IRegistryBridge.Message memory message = _back[pick % _backTaken];
        _settle(farBridge, bridge, message, HOME_KEY);
    }

    function moveOut(uint256 size) external {
        uint64 amount = _amount(registry.balanceOf(HOLDER, BATCH), size);
        if (amount == 0) return;
        IRegistryBridge.SendOrder memory order = orderOf(++lastId, amount);
        (uint64 start, , ) = registry.releasedOf(BATCH);
        order.hint = farBridge.hintFor(SCOPE_HASH, start);
        vm.prank(HOLDER);
        try bridge.move(order) {
            ++done;
        } catch {}
    }

    function moveHome(uint256 pick, uint256 size) external {
        (uint256 lot, uint64 amount) = _holding(pick, size);
        if (amount == 0) return;
        IRegistryBridge.SendOrder memory order = returnOf(++lastId, lot, amount);
        vm.prank(BUYER);
        try farBridge.move(order) {
            ++done;
        } catch {}
    }

    function retireAbroad(uint256 pick, uint256 size) external {
        (uint256 lot, uint64 amount) = _holding(pick, size);
        if (amount < 4) return;
        ICarbonRegistry.RetireOrder memory order = retireOrder(++lastId, amount / 4);
        order.batch = lot;
        vm.prank(BUYER);
        far.retire(order);
        ++done;
    }

    function lockHere(uint256 size) external {
        uint64 amount = _amount(registry.balanceOf(LENDER, BATCH), size);
        if (amount == 0) return;
        vm.prank(OPERATOR);
        try registry.lock(++lastId, BATCH, LENDER, amount, "") {
            ++done;
        } catch {}
    }

    function releaseHere(uint256 pick, uint256 size) external {
        uint256 id = 1 + (pick % (lastId + 1));
        ICarbonRegistry.Disposition memory found = registry.dispositionOf(id);
        if (found.kind != ICarbonRegistry.Kind.Lock || found.amount == 0) return;
        vm.prank(OPERATOR);
        registry.release(id, uint64(bound(size, 1, found.amount)));
        ++done;
    }

    function wait(uint256 time) external {
        vm.warp(block.timestamp + (time % 400));
    }

    function _settle(
        RegistryBridge source,
        RegistryBridge target,
        IRegistryBridge.Message memory message,
        uint256 key
    ) private {
        if (source.exportOf(message.id).status != IRegistryBridge.Status.Pending) return;
        bytes32 hash = source.messageHash(message);
        IRegistryBridge.Outcome outcome = target.outcomeOf(hash);
        bytes memory receipt =
            signed(
                key,
                source.receiptDigest(IRegistryBridge.Receipt(hash, uint8(outcome)))
            );
        if (outcome == IRegistryBridge.Outcome.Imported) {
            source.acknowledge(message.id, receipt);
        } else {
            uint64 hint = source.hintFor(SCOPE_HASH, message.start);
            source.compensate(message.id, receipt, hint);
        }
        ++done;
    }

    function _underway(
        RegistryBridge source,
        RegistryBridge target,
        IRegistryBridge.Message memory message
    ) private view returns (uint256) {
        bool pending = source.exportOf(message.id).status == IRegistryBridge.Status.Pending;
        IRegistryBridge.Outcome outcome = target.outcomeOf(source.messageHash(message));
        bool arrived = outcome == IRegistryBridge.Outcome.Imported;
        return pending && !arrived ? message.end - message.start : 0;
    }

    function _holding(
        uint256 pick,
        uint256 size
    ) private view returns (uint256 lot, uint64 amount) {
        uint256 count = lots();
        if (count == 0) return (0, 0);
        lot = 1 + (pick % count);
        amount = _amount(far.balanceOf(BUYER, lot), size);
    }

    /// @dev A few grams or a few tonnes, or all of a small holding.
    function _amount(uint256 balance, uint256 size) private pure returns (uint64) {
        if (balance == 0) return 0;
        uint256 most = size % 2 == 0 ? 3 : 8 * TONNE;
        return uint64(bound(size >> 8, 1, most < balance ? most : balance));
    }
}

contract BridgeInvariantsTest is Partition {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    BridgeHandler private handler;
    CarbonRegistry private far;
    RegistryBridge private bridge;
    RegistryBridge private farBridge;

    function setUp() public override {
        handler = new BridgeHandler();
        handler.setUp();
        (registry, far, bridge, farBridge) = handler.parts();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0].addr = address(handler);
        bytes4[] memory selectors = new bytes4[](12);
        selectors[0] = handler.sendOut.selector;
        selectors[1] = handler.takeOut.selector;
        selectors[2] = handler.settleOut.selector;
        selectors[3] = handler.sendHome.selector;
        selectors[4] = handler.takeHome.selector;
        selectors[5] = handler.settleHome.selector;
        selectors[6] = handler.moveOut.selector;
        selectors[7] = handler.moveHome.selector;
        selectors[8] = handler.retireAbroad.selector;
        selectors[9] = handler.lockHere.selector;
        selectors[10] = handler.releaseHere.selector;
        selectors[11] = handler.wait.selector;
        targets[0].selectors = selectors;
    }

    /// @dev A run in which little came about would prove little.
    function afterInvariant() external view {
        assertAtMost(16, handler.done());
    }

    /// @dev C1 on both sides.
    function invariant_C1_conservation() public view {
        ICarbonRegistry.Totals memory totals = registry.totalsOf(BATCH);
        uint256 sum = registry.balanceOf(HOLDER, BATCH) + registry.balanceOf(LENDER, BATCH);
        assertEq(totals.active, sum);
        assertEq(totals.issued, ISSUED);
        assertEq(totals.issued, sum + totals.locked + totals.exported);
        uint256 count = handler.lots();
        for (uint256 lot = 1; lot <= count; ++lot) {
            totals = far.totalsOf(lot);
            assertEq(totals.active, far.balanceOf(BUYER, lot));
            assertEq(
                totals.issued,
                uint256(totals.active) + totals.retired + totals.exported
            );
        }
    }

    /// @dev C3: what is exported is outstanding abroad, or on its way there or home.
    function invariant_C3_outstandingAbroadWasExported() public view {
        (uint256 out, uint256 back) = handler.onTheWay();
        uint256 outstanding = farBridge.outstandingOf(bridge.self());
        assertEq(registry.totalsOf(BATCH).exported, outstanding + out + back);
    }

    /// @dev No gram is alive, locked or used on both sides, and none is lost.
    function invariant_everyGramIsInOnePlace() public view {
        (uint256 out, uint256 back) = handler.onTheWay();
        ICarbonRegistry.Totals memory totals = registry.totalsOf(BATCH);
        uint256 found = out + back + totals.active + totals.locked;
        uint256 count = handler.lots();
        for (uint256 lot = 1; lot <= count; ++lot) {
            totals = far.totalsOf(lot);
            found += uint256(totals.active) + totals.retired;
        }
        assertEq(found, ISSUED);
    }

    /// @dev C4 at home: what is free, locked or exported is disjoint and fills the batch.
    function invariant_C4_intervalsAreDisjointAndComplete() public view {
        assertFills(none(), 0, handler.lastId());
    }
}
