// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Pair} from "./support/Pair.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";
import {IProjectRegistry} from "../interfaces/IProjectRegistry.sol";
import {IRegistryBridge} from "../interfaces/IRegistryBridge.sol";
import {ISerialGuard} from "../interfaces/ISerialGuard.sol";
import {EX_ANTE} from "../libraries/Constants.sol";

/// @dev Credits that are expected only: issued without a statement, and never retired.
contract ExAnteTest is Pair {
    uint256 private constant EXPECTED = BATCH | EX_ANTE;

    function setUp() public override {
        super.setUp();
        ICarbonRegistry.IssueOrder memory order = expected(1_000 * TONNE);
        vm.prank(ISSUER);
        registry.issue(order);
    }

    function test_issue_drawsOnNoStatement() public view {
        (, uint256 drawn) = projects.statementOf(statement);
        assertEq(drawn, ISSUED);
        assertEq(registry.balanceOf(HOLDER, EXPECTED), ISSUED);
        assertEq(registry.batchOf(EXPECTED).statement, bytes32(0));
        assertEq(registry.batchOf(EXPECTED).vintage, 2050);
    }

    function test_issue_refusesAStatementForWhatIsExpected() public {
        ICarbonRegistry.IssueOrder memory order = expected(0);
        (order.batch, order.statement) = (EXPECTED + 1, statement);
        refuses(
            abi.encodeWithSelector(IProjectRegistry.UnknownStatement.selector, statement)
        );
        vm.prank(ISSUER);
        registry.issue(order);
    }

    function test_issue_claimsSerialsOfWhatIsExpected() public {
        ICarbonRegistry.IssueOrder memory order = expected(1_000 * TONNE);
        order.batch = EXPECTED + 1;
        refuses(
            abi.encodeWithSelector(
                ISerialGuard.SerialAlreadyClaimed.selector,
                SCOPE_HASH,
                1_000 * TONNE,
                1_000 * TONNE + ISSUED
            )
        );
        vm.prank(ISSUER);
        registry.issue(order);
    }

    /// @dev Asked right after UnknownBatch.
    function test_exAnte_refusesToLeave() public {
        close("holder");
        ICarbonRegistry.RetireOrder memory order = retireOrder(0, 0);
        order.batch = EXPECTED;
        vm.startPrank(HOLDER);
        refusesZero();
        registry.retire(order);
        order.amount = 1;
        refusesExpected();
        registry.retire(order);
        refusesExpected();
        registry.requestRetirement(order, uint64(block.timestamp) + 1);
        (uint256 id, uint64 amount) = (0, 1);
        vm.stopPrank();
        onHome();
        refusesExpected();
        vm.prank(HOLDER);
        bridge.send(orderFor(id, amount), deadline);
    }

    function test_exAnte_movesAndCanBeHeld() public {
        vm.prank(HOLDER);
        registry.safeTransferFrom(HOLDER, BUYER, EXPECTED, 10, "");
        vm.prank(BUYER);
        registry.cancel(1, EXPECTED, 3, "");
        vm.prank(OPERATOR);
        registry.lock(2, EXPECTED, BUYER, 4, "");
        vm.prank(BUYER);
        registry.pledge(3, EXPECTED, 2, LENDER);
        ICarbonRegistry.Totals memory totals = registry.totalsOf(EXPECTED);
        assertEq(totals.active, ISSUED - 7);
        assertEq(totals.locked, 4);
        assertEq(totals.cancelled, 3);
    }

    function expected(
        uint64 start
    ) private view returns (ICarbonRegistry.IssueOrder memory order) {
        order = issueOrder(EXPECTED, HOLDER, ISSUED, start);
        // No year is too late for what is expected.
        (order.statement, order.vintage) = (bytes32(0), 2050);
    }

    function orderFor(
        uint256 id,
        uint64 amount
    ) private pure returns (IRegistryBridge.SendOrder memory order) {
        order = orderOf(id, amount);
        order.batch = EXPECTED;
    }

    function refusesExpected() private {
        refuses(
            abi.encodeWithSelector(ICarbonRegistry.ExAnteNotRetirable.selector, EXPECTED)
        );
    }
}
