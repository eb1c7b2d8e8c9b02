// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {World} from "./support/World.sol";
import {IAmounts} from "../interfaces/IAmounts.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";
import {IProjectRegistry} from "../interfaces/IProjectRegistry.sol";
import {ISerialGuard} from "../interfaces/ISerialGuard.sol";
import {ISerialIndex} from "../interfaces/ISerialIndex.sol";
import {AMOUNT_MAX, NO_HINT} from "../libraries/Constants.sol";
import {Roles} from "../libraries/Roles.sol";
import {RefusingReceiver} from "../mocks/RefusingReceiver.sol";

contract IssueTest is World {
    uint256 private constant NEXT = BATCH + 1;

    /// @dev Starts with everything wrong and mends one thing at a time.
    function test_issue_refusesInOrder() public {
        ICarbonRegistry.IssueOrder memory order = issueOrder(BATCH, STRANGER, 0, START + 1);
        (order.statement, order.scope, order.vintage) = ("none", text(513), 2021);
        pause();
        refusesPaused();
        attempt(STRANGER, order);
        unpause();
        refusesRole(STRANGER, Roles.ISSUER);
        attempt(STRANGER, order);
        refusesZero();
        attempt(ISSUER, order);
        order.amount = AMOUNT_MAX + 1;
        refusesLarge(order.amount);
        attempt(ISSUER, order);
        order.amount = AMOUNT_MAX;
        refusesLarge(uint256(AMOUNT_MAX) + START + 1);
        attempt(ISSUER, order);
        order.amount = 1_000 * TONNE;
        refuses(abi.encodeWithSelector(ICarbonRegistry.BatchAlreadyIssued.selector, BATCH));
        attempt(ISSUER, order);
        order.batch = (uint256(PROJECT + 1) << 128) | 1;
        refusesUnknown(STRANGER);
        attempt(ISSUER, order);
        order.to = HOLDER;
        refusesText(513);
        attempt(ISSUER, order);
        order.scope = SCOPE;
        mendStatement(order);
        mendSerials(order);
        attempt(ISSUER, order);
    }

    function test_issue_refusesWhenAccountClosed() public {
        close("holder");
        ICarbonRegistry.IssueOrder memory order = issueOrder(NEXT, HOLDER, TONNE, 0);
        refusesClosed(HOLDER);
        attempt(ISSUER, order);
    }

    function test_issue_refusesWhenProjectNumberHasMoreThan64Bits() public {
        uint256 alias_ = (((uint256(1) << 64) | PROJECT) << 128) | 1;
        ICarbonRegistry.IssueOrder memory order = issueOrder(alias_, HOLDER, TONNE, 0);
        refuses(
            abi.encodeWithSelector(
                IProjectRegistry.StatementOfAnotherProject.selector,
                statement,
                alias_ >> 128
            )
        );
        attempt(ISSUER, order);
    }

    function test_issue_refusesWhenReceiverRefuses() public {
        RefusingReceiver refuser = new RefusingReceiver(false);
        open(address(refuser), "refuser");
        ICarbonRegistry.IssueOrder memory order = issueOrder(
            NEXT,
            address(refuser),
            TONNE,
            0
        );
        vm.expectRevert(RefusingReceiver.Refused.selector);
        attempt(ISSUER, order);
    }

    function test_issue_refusesWhenRegistryNotAdmitted() public {
        deployRegistry(true);
        vm.prank(OPERATOR);
        projects.registerProject(PROJECT, DEVELOPER, 0);
        statement = verified(PROJECT, 18_262, 18_628, 1_000 * TONNE, "report");
        ICarbonRegistry.IssueOrder memory order = issueOrder(NEXT, HOLDER, TONNE, 0);
        refuses(
            abi.encodeWithSelector(ISerialGuard.NotAdmitted.selector, address(registry))
        );
        attempt(ISSUER, order);
    }

    function test_issue_issues() public {
        ICarbonRegistry.IssueOrder memory order = issueOrder(NEXT, BUYER, 7, START - 7);
        vm.expectEmit(address(registry));
        emit TransferSingle(ISSUER, address(0), BUYER, NEXT, 7);
        vm.expectEmit(address(registry));
        emit ICarbonRegistry.BatchIssued(
            NEXT,
            BUYER,
            statement,
            2020,
            7,
            START - 7,
            SCOPE
        );
        attempt(ISSUER, order);
        ICarbonRegistry.Totals memory totals = registry.totalsOf(NEXT);
        assertEq(totals.issued, 7);
        assertEq(totals.active, 7);
        assertEq(totals.locked + totals.retired + totals.cancelled + totals.exported, 0);
        ICarbonRegistry.BatchRecord memory record = registry.batchOf(NEXT);
        assertEq(record.issued, 7);
        assertEq(record.start, START - 7);
        assertEq(record.vintage, 2020);
        assertEq(record.scope, keccak256(bytes(SCOPE)));
        assertEq(record.statement, statement);
        assertEq(registry.scopeOf(NEXT), record.scope);
        assertEq(registry.balanceOf(BUYER, NEXT), 7);
        (, uint64 drawn) = projects.statementOf(statement);
        assertEq(drawn, ISSUED + 7);
        (uint64 cursor, uint64 end, ) = registry.releasedOf(NEXT);
        assertEq(cursor, START - 7);
        assertEq(end, START);
    }

    function test_issue_capIsForLife() public {
        issue(NEXT, HOLDER, 900 * TONNE, START + ISSUED);
        retire(1, ISSUED);
        ICarbonRegistry.IssueOrder memory order = issueOrder(BATCH + 2, HOLDER, 1, 0);
        refuses(
            abi.encodeWithSelector(
                IProjectRegistry.AboveVerifiedAmount.selector,
                statement,
                1_000 * TONNE,
                1_000 * TONNE,
                1
            )
        );
        attempt(ISSUER, order);
    }

    function test_issueMany_issuesAllOrNothing() public {
        ICarbonRegistry.IssueOrder[] memory orders = new ICarbonRegistry.IssueOrder[](2);
        orders[0] = issueOrder(NEXT, HOLDER, TONNE, 0);
        orders[1] = issueOrder(NEXT, BUYER, TONNE, TONNE);
        refuses(abi.encodeWithSelector(ICarbonRegistry.BatchAlreadyIssued.selector, NEXT));
        vm.prank(ISSUER);
        registry.issueMany(orders);
        assertEq(registry.balanceOf(HOLDER, NEXT), 0);
        orders[1].batch = NEXT + 1;
        vm.prank(ISSUER);
        registry.issueMany(orders);
        assertEq(registry.balanceOf(HOLDER, NEXT), TONNE);
        assertEq(registry.balanceOf(BUYER, NEXT + 1), TONNE);
    }

    function test_issueMany_refusesWhenPausedOrNotIssuer() public {
        ICarbonRegistry.IssueOrder[] memory orders = new ICarbonRegistry.IssueOrder[](0);
        refusesRole(address(this), Roles.ISSUER);
        registry.issueMany(orders);
        pause();
        refusesPaused();
        registry.issueMany(orders);
    }

    function test_fuzz_issue_refusesAnyOverlap(uint64 start, uint64 amount) public {
        start = uint64(bound(start, START - 200 * TONNE, START + 200 * TONNE));
        amount = uint64(bound(amount, 1, 300 * TONNE));
        ICarbonRegistry.IssueOrder memory order = issueOrder(NEXT, HOLDER, amount, start);
        bool meets = start < START + ISSUED && START < start + amount;
        if (meets) refusesClaimed();
        attempt(ISSUER, order);
        assertEq(registry.balanceOf(HOLDER, NEXT), meets ? 0 : amount);
    }

    function mendStatement(ICarbonRegistry.IssueOrder memory order) private {
        refuses(
            abi.encodeWithSelector(
                IProjectRegistry.UnknownStatement.selector,
                bytes32("none")
            )
        );
        attempt(ISSUER, order);
        order.statement = statement;
        refuses(
            abi.encodeWithSelector(
                IProjectRegistry.StatementOfAnotherProject.selector,
                statement,
                PROJECT + 1
            )
        );
        attempt(ISSUER, order);
        order.batch = NEXT;
        refuses(
            abi.encodeWithSelector(
                IProjectRegistry.VintageOutsidePeriod.selector,
                2021,
                18_262,
                18_628
            )
        );
        attempt(ISSUER, order);
        order.vintage = 2020;
        refuses(
            abi.encodeWithSelector(
                IProjectRegistry.AboveVerifiedAmount.selector,
                statement,
                1_000 * TONNE,
                ISSUED,
                1_000 * TONNE
            )
        );
        attempt(ISSUER, order);
        order.amount = 900 * TONNE;
    }

    function mendSerials(ICarbonRegistry.IssueOrder memory order) private {
        order.hint = START + 1;
        refuses(abi.encodeWithSelector(ISerialIndex.StaleHint.selector, START + 1));
        attempt(ISSUER, order);
        order.hint = NO_HINT;
        refusesClaimed();
        attempt(ISSUER, order);
        order.start = START + ISSUED;
    }

    function refusesClaimed() private {
        refuses(
            abi.encodeWithSelector(
                ISerialGuard.SerialAlreadyClaimed.selector,
                keccak256(bytes(SCOPE)),
                START,
                START + ISSUED
            )
        );
    }

    function refusesLarge(uint256 amount) private {
        refuses(abi.encodeWithSelector(IAmounts.AmountTooLarge.selector, amount));
    }

    function attempt(address caller, ICarbonRegistry.IssueOrder memory order) private {
        vm.prank(caller);
        registry.issue(order);
    }
}
