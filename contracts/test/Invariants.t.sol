// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Partition} from "./support/Partition.sol";
import {World} from "./support/World.sol";
import {Vm} from "./support/Vm.sol";
import {CarbonRegistry} from "../CarbonRegistry.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";
import {Interval} from "../types/Interval.sol";

/// @title Does anything that accounts and operators may do, in any order.
/// @dev Ids are dense, so that most later steps find a record.
contract Handler is World {
    uint256 public lastId;
    uint256 public done;
    uint64 public retired;
    bool public retiredFell;
    mapping(uint256 id => Interval[]) private _retired;

    function setUp() public override {
        super.setUp();
        vm.startPrank(HOLDER);
        registry.safeTransferFrom(HOLDER, BUYER, BATCH, 30 * TONNE, "");
        registry.safeTransferFrom(HOLDER, LENDER, BATCH, 30 * TONNE, "");
        vm.stopPrank();
    }

    /// @dev Compares retired before and after every action.
    modifier watched() {
        _;
        uint64 now_ = registry.totalsOf(BATCH).retired;
        if (now_ < retired) retiredFell = true;
        retired = now_;
    }

    function registryOf() external view returns (CarbonRegistry) {
        return registry;
    }

    function retiredOf(uint256 id) external view returns (Interval[] memory) {
        return _retired[id];
    }

    function retire(uint256 who, uint256 size) external watched {
        address holder = _holder(who);
        uint64 amount = _amount(holder, size);
        if (amount == 0) return;
        vm.recordLogs();
        vm.prank(holder);
        try registry.retire(retireOrder(++lastId, amount)) {
            _keepIntervals();
            ++done;
        } catch {}
    }

    function request(uint256 who, uint256 size) external watched {
        address holder = _holder(who);
        uint64 amount = _amount(holder, size);
        if (amount == 0) return;
        vm.prank(holder);
        try
            registry.requestRetirement(
                retireOrder(++lastId, amount),
                uint64(block.timestamp) + 1_000
            )
        {
            ++done;
        } catch {}
    }

    function settle(uint256 pick, bool finalise) external watched {
        uint256 id = _id(pick);
        if (registry.dispositionOf(id).kind != ICarbonRegistry.Kind.Request) return;
        vm.prank(OPERATOR);
        if (finalise) {
            try registry.finaliseRetirement(id) {
                ++done;
            } catch {}
        } else {
            try registry.revertRetirement(id, "") {
                ++done;
            } catch {}
        }
    }

    function cancel(uint256 who, uint256 size) external watched {
        address holder = _holder(who);
        uint64 amount = _amount(holder, size);
        if (amount == 0) return;
        vm.prank(holder);
        try registry.cancel(++lastId, BATCH, amount, "") {
            ++done;
        } catch {}
    }

    function lock(uint256 who, uint256 size) external watched {
        address holder = _holder(who);
        uint64 amount = _amount(holder, size);
        if (amount == 0) return;
        vm.prank(OPERATOR);
        try registry.lock(++lastId, BATCH, holder, amount, "") {
            ++done;
        } catch {}
    }

    function release(uint256 pick, uint256 size) external watched {
        uint256 id = _id(pick);
        ICarbonRegistry.Disposition memory found = registry.dispositionOf(id);
        if (found.kind != ICarbonRegistry.Kind.Lock || found.amount == 0) return;
        uint64 amount = size % 2 == 0 ? found.amount : uint64(bound(size, 1, found.amount));
        vm.prank(OPERATOR);
        registry.release(id, amount);
        ++done;
    }

    function transfer(uint256 from, uint256 to, uint256 size) external watched {
        uint64 amount = _amount(_holder(from), size);
        if (amount == 0) return;
        vm.prank(_holder(from));
        try registry.safeTransferFrom(_holder(from), _holder(to), BATCH, amount, "") {
            ++done;
        } catch {}
    }

    function pledge(uint256 who, uint256 size) external watched {
        address holder = _holder(who);
        uint64 amount = _amount(holder, size);
        if (amount == 0) return;
        vm.prank(holder);
        try registry.pledge(++lastId, BATCH, amount, LENDER) {
            ++done;
        } catch {}
    }

    function endPledge(uint256 pick, bool foreclose) external watched {
        uint256 id = _id(pick);
        vm.prank(LENDER);
        if (foreclose) {
            try registry.foreclose(id) {
                ++done;
            } catch {}
        } else {
            try registry.releasePledge(id) {
                ++done;
            } catch {}
        }
    }

    function freeze(uint256 who, uint256 size) external watched {
        vm.prank(REGULATOR);
        registry.setFrozenTokens(_holder(who), BATCH, size % 2 == 0 ? size % TONNE : 0);
        ++done;
    }

    function force(uint256 from, uint256 to, uint256 size) external watched {
        uint64 amount = _amount(_holder(from), size);
        if (amount == 0) return;
        vm.prank(REGULATOR);
        try registry.forcedTransfer(_holder(from), _holder(to), BATCH, amount) {
            ++done;
        } catch {}
    }

    function _keepIntervals() private {
        bytes32 topic = ICarbonRegistry.CreditsRetired.selector;
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != topic) continue;
            (, Interval[] memory intervals) = abi.decode(
                logs[i].data,
                (uint64, Interval[])
            );
            for (uint256 j = 0; j < intervals.length; ++j) {
                _retired[lastId].push(intervals[j]);
            }
        }
    }

    function _holder(uint256 pick) private pure returns (address) {
        return [HOLDER, BUYER, LENDER][pick % 3];
    }

    function _id(uint256 pick) private view returns (uint256) {
        return 1 + (pick % (lastId + 1));
    }

    /// @dev A few grams or a few tonnes. Never all of a large holding: the rest of the run would
    /// have nothing to do.
    function _amount(address holder, uint256 size) private view returns (uint64) {
        uint64 balance = uint64(registry.balanceOf(holder, BATCH));
        if (balance == 0) return 0;
        uint64 most = size % 2 == 0 ? 3 : 3 * TONNE;
        return uint64(bound(size >> 8, 1, most < balance ? most : balance));
    }
}

contract InvariantsTest is Partition {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Handler private handler;

    function setUp() public override {
        handler = new Handler();
        handler.setUp();
        registry = handler.registryOf();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0].addr = address(handler);
        bytes4[] memory selectors = new bytes4[](11);
        selectors[0] = handler.retire.selector;
        selectors[1] = handler.request.selector;
        selectors[2] = handler.settle.selector;
        selectors[3] = handler.cancel.selector;
        selectors[4] = handler.lock.selector;
        selectors[5] = handler.release.selector;
        selectors[6] = handler.transfer.selector;
        selectors[7] = handler.pledge.selector;
        selectors[8] = handler.endPledge.selector;
        selectors[9] = handler.freeze.selector;
        selectors[10] = handler.force.selector;
        targets[0].selectors = selectors;
    }

    /// @dev A run in which little came about would prove little: half of its 64 steps must.
    function afterInvariant() external view {
        assertAtMost(32, handler.done());
    }

    /// @dev C1: issued = active + locked + retired + cancelled, and balances sum to active.
    function invariant_C1_conservation() public view {
        ICarbonRegistry.Totals memory totals = registry.totalsOf(BATCH);
        uint256 sum = registry.balanceOf(HOLDER, BATCH) +
            registry.balanceOf(BUYER, BATCH) +
            registry.balanceOf(LENDER, BATCH);
        assertEq(sum, totals.active);
        assertEq(totals.issued, ISSUED);
        uint256 gone = uint256(totals.locked) + totals.retired + totals.cancelled;
        assertEq(totals.issued, sum + gone + totals.exported);
    }

    /// @dev C2: retired never falls.
    function invariant_C2_retiredNeverFalls() public view {
        assertFalse(handler.retiredFell());
    }

    /// @dev C4: what is free, held under an id or retired is disjoint and fills the batch.
    function invariant_C4_intervalsAreDisjointAndComplete() public view {
        uint256 last = handler.lastId();
        Interval[] memory all = new Interval[](16 * last);
        uint256 count = 0;
        for (uint256 id = 1; id <= last; ++id) {
            count = append(all, count, handler.retiredOf(id));
        }
        assertFills(all, count, last);
    }

    /// @dev What a holder pledged it still has.
    function invariant_pledgedIsCovered() public view {
        address[3] memory holders = [HOLDER, BUYER, LENDER];
        for (uint256 i = 0; i < 3; ++i) {
            ICarbonRegistry.Holding memory held = registry.holdingOf(BATCH, holders[i]);
            assertAtMost(held.pledged, held.balance);
        }
    }
}
