// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {World} from "./support/World.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";
import {NO_HINT} from "../libraries/Constants.sol";

/// @title What operations cost: whole transactions, storage cold, intrinsic gas and calldata
/// included. Bounds are 10 % above what a prototype took.
/// forge-config: default.isolate = true
contract GasTest is World {
    event Measured(string operation, uint256 gas, uint256 bound);

    function test_issue_costsAtMost() public {
        bytes32 other = verified(PROJECT, 18_700, 18_800, 500 * TONNE, "other");
        ICarbonRegistry.IssueOrder memory order = issueOrder(BATCH + 1, BUYER, TONNE, 0);
        (order.statement, order.scope, order.vintage) = (other, "TEST-7-2021-", 2021);
        order.hint = NO_HINT;
        vm.prank(ISSUER);
        registry.issue(order);
        assertCost("issue, first of its scope and statement", 1, 281_600);
        order.batch = BATCH + 2;
        order.start = 2 * TONNE;
        order.hint = 0;
        vm.prank(ISSUER);
        registry.issue(order);
        assertCost("issue, next", 1, 244_200);
    }

    function test_issueMany_costsAtMost() public {
        ICarbonRegistry.IssueOrder[] memory orders = new ICarbonRegistry.IssueOrder[](20);
        for (uint64 i = 0; i < 20; ++i) {
            orders[i] = issueOrder(BATCH + 10 + i, HOLDER, TONNE, (10_000 + 2 * i) * TONNE);
            orders[i].hint = i == 0 ? START : orders[i - 1].start;
        }
        vm.prank(ISSUER);
        registry.issueMany(orders);
        assertCost("issueMany, each of 20", 20, 174_900);
    }

    function test_transfer_costsAtMost() public {
        vm.prank(HOLDER);
        registry.safeTransferFrom(HOLDER, BUYER, BATCH, TONNE, "");
        assertCost("transfer, first receipt", 1, 79_000);
        vm.prank(HOLDER);
        registry.safeTransferFrom(HOLDER, BUYER, BATCH, TONNE, "");
        assertCost("transfer, next", 1, 62_700);
    }

    function test_retire_costsAtMost() public {
        retire(1, TONNE);
        assertCost("retire, first of its holder", 1, 151_000);
        retire(2, TONNE);
        assertCost("retire, next", 1, 127_600);
    }

    function test_retireMany_costsAtMost() public {
        ICarbonRegistry.RetireOrder[] memory orders = new ICarbonRegistry.RetireOrder[](50);
        for (uint256 i = 0; i < 50; ++i) orders[i] = retireOrder(100 + i, TONNE);
        vm.prank(HOLDER);
        registry.retireMany(orders);
        assertCost("retireMany, each of 50", 50, 83_600);
    }

    function test_lock_costsAtMost() public {
        lock(1, TONNE);
        assertCost("lock", 1, 159_500);
        release(1, TONNE);
        assertCost("release", 1, 100_000);
    }

    function test_pledge_costsAtMost() public {
        pledge(1, TONNE);
        assertCost("pledge", 1, 124_300);
    }

    function test_claim_costsAtMost() public {
        vm.prank(OPERATOR);
        index.admit(address(this));
        index.claim("scope", 10, 20, NO_HINT);
        assertCost("interval claim, first of its scope", 1, 78_000);
        index.claim("scope", 30, 40, 10);
        assertCost("interval claim", 1, 61_600);
    }

    function test_requestRetirement_costsAtMost() public {
        request(1, TONNE, uint64(block.timestamp + 1));
        assertCost("request", 1, 220_000);
        vm.prank(OPERATOR);
        registry.finaliseRetirement(1);
        assertCost("finalise", 1, 160_000);
    }

    function assertCost(string memory operation, uint256 count, uint256 most) private {
        uint256 gas = vm.lastCallGas().gasTotalUsed / count;
        emit Measured(operation, gas, most);
        assertAtMost(gas, most);
    }
}
