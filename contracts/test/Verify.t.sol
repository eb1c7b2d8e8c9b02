// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {World} from "./support/World.sol";
import {IAmounts} from "../interfaces/IAmounts.sol";
import {IProjectRegistry} from "../interfaces/IProjectRegistry.sol";
import {ISerialIndex} from "../interfaces/ISerialIndex.sol";
import {Calendar} from "../libraries/Calendar.sol";
import {AMOUNT_MAX, NO_HINT} from "../libraries/Constants.sol";
import {Roles} from "../libraries/Roles.sol";

contract VerifyTest is World {
    uint256 private constant OTHER_KEY = 0xB0B;

    /// @dev Starts with everything wrong and mends one thing at a time.
    function test_verify_refusesInOrder() public {
        address other = vm.addr(OTHER_KEY);
        vm.prank(OPERATOR);
        directory.linkAddress(keccak256("developer"), other);
        IProjectRegistry.VerifiedStatement memory stated = IProjectRegistry
            .VerifiedStatement(99, 18_300, 18_300, 0, keccak256("report"), other);
        bytes memory signature = "not a signature";
        vm.expectRevert(IAmounts.ZeroAmount.selector);
        projects.verify(stated, signature, 1);
        stated.amount = AMOUNT_MAX + 1;
        refuses(abi.encodeWithSelector(IAmounts.AmountTooLarge.selector, stated.amount));
        projects.verify(stated, signature, 1);
        stated.amount = TONNE;
        refuses(abi.encodeWithSelector(IProjectRegistry.UnknownProject.selector, 99));
        projects.verify(stated, signature, 1);
        stated.project = PROJECT;
        refuses(
            abi.encodeWithSelector(IProjectRegistry.EmptyPeriod.selector, 18_300, 18_300)
        );
        projects.verify(stated, signature, 1);
        stated.end = 18_301;
        refusesRole(other, Roles.VERIFIER);
        projects.verify(stated, signature, 1);
        authority.grantRole(Roles.VERIFIER, other);
        refusesDependent(other);
        projects.verify(stated, signature, 1);
        stated.verifier = verifier;
        mendSignature(stated);
    }

    function test_verify_refusesTheDeveloperItself() public {
        IProjectRegistry.VerifiedStatement memory stated = statementFrom(18_700, "new");
        stated.verifier = DEVELOPER;
        authority.grantRole(Roles.VERIFIER, DEVELOPER);
        refusesDependent(DEVELOPER);
        projects.verify(stated, "", NO_HINT);
    }

    function test_verify_records() public {
        IProjectRegistry.VerifiedStatement memory stated = statementFrom(18_628, "new");
        bytes32 id = projects.statementId(stated);
        bytes memory signature = signed(VERIFIER_KEY, projects.digestToSign(stated));
        vm.expectEmit(address(projects));
        emit IProjectRegistry.StatementRecorded(
            id,
            PROJECT,
            verifier,
            18_628,
            18_638,
            TONNE,
            keccak256("new")
        );
        vm.prank(STRANGER);
        projects.verify(stated, signature, 18_262);
        (IProjectRegistry.VerifiedStatement memory kept, uint64 drawn) = projects
            .statementOf(id);
        assertEq(keccak256(abi.encode(kept)), keccak256(abi.encode(stated)));
        assertEq(drawn, 0);
        assertEq(projects.periodHintFor(PROJECT, 18_627), 18_262);
        assertEq(projects.periodHintFor(PROJECT, 18_628), 18_628);
    }

    function test_statementId_isTheStructHash() public view {
        IProjectRegistry.VerifiedStatement memory stated = statementFrom(1, "new");
        bytes32 type_ = keccak256(
            "VerifiedStatement(uint64 project,uint32 start,uint32 end,uint64 amount,"
            "bytes32 report,address verifier)"
        );
        bytes32 expected = keccak256(
            abi.encode(
                type_,
                stated.project,
                stated.start,
                stated.end,
                stated.amount,
                stated.report,
                stated.verifier
            )
        );
        assertEq(projects.statementId(stated), expected);
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,"
                    "address verifyingContract)"
                ),
                keccak256("CarbonRegistry"),
                keccak256("1"),
                block.chainid,
                address(projects)
            )
        );
        bytes32 digest = keccak256(abi.encodePacked("\x19\x01", domain, expected));
        assertEq(projects.digestToSign(stated), digest);
    }

    function test_verify_refusesAStatementSignedForAnotherChain() public {
        IProjectRegistry.VerifiedStatement memory stated = statementFrom(18_700, "new");
        bytes memory signature = signed(VERIFIER_KEY, projects.digestToSign(stated));
        bytes32 id = projects.statementId(stated);
        vm.chainId(77);
        assertEq(projects.statementId(stated), id);
        refusesSignature();
        projects.verify(stated, signature, NO_HINT);
    }

    function test_verify_refusesAStatementSignedForAnotherRegistry() public {
        IProjectRegistry.VerifiedStatement memory stated = statementFrom(18_700, "new");
        bytes memory signature = signed(VERIFIER_KEY, projects.digestToSign(stated));
        deployRegistry(true);
        vm.prank(OPERATOR);
        projects.registerProject(PROJECT, DEVELOPER, 0);
        refusesSignature();
        projects.verify(stated, signature, NO_HINT);
    }

    function test_fuzz_verify_refusesATamperedStatement(uint256 field) public {
        IProjectRegistry.VerifiedStatement memory stated = statementFrom(18_700, "new");
        bytes memory signature = signed(VERIFIER_KEY, projects.digestToSign(stated));
        field = bound(field, 0, 3);
        if (field == 0) stated.amount += 1;
        if (field == 1) stated.start += 1;
        if (field == 2) stated.end += 1;
        if (field == 3) stated.report = keccak256("forged");
        refusesSignature();
        projects.verify(stated, signature, NO_HINT);
    }

    function test_fuzz_verify_refusesAnyOverlap(uint32 start, uint32 days_) public {
        start = uint32(bound(start, 17_000, 20_000));
        days_ = uint32(bound(days_, 1, 2_000));
        IProjectRegistry.VerifiedStatement memory stated = statementFrom(start, "new");
        stated.end = start + days_;
        bytes memory signature = signed(VERIFIER_KEY, projects.digestToSign(stated));
        if (start < 18_628 && 18_262 < stated.end) refusesPeriod();
        projects.verify(stated, signature, NO_HINT);
    }

    function test_firstDayOf_followsTheCalendar() public pure {
        assertEq(Calendar.firstDayOf(1970), 0);
        assertEq(Calendar.firstDayOf(1973), 1_096);
        assertEq(Calendar.firstDayOf(2000), 10_957);
        assertEq(Calendar.firstDayOf(2001), 11_323);
        assertEq(Calendar.firstDayOf(2020), 18_262);
        assertEq(Calendar.firstDayOf(2021), 18_628);
        assertEq(Calendar.firstDayOf(2101), 47_847);
    }

    function test_yearMeets_isExactAtBothEnds() public pure {
        assertTrue(Calendar.yearMeets(2020, 18_627, 18_628));
        assertFalse(Calendar.yearMeets(2020, 18_628, 18_629));
        assertTrue(Calendar.yearMeets(2020, 18_262, 18_263));
        assertFalse(Calendar.yearMeets(2020, 18_261, 18_262));
        assertTrue(Calendar.yearMeets(2020, 0, type(uint32).max));
        assertFalse(Calendar.yearMeets(1969, 0, type(uint32).max));
        assertFalse(Calendar.yearMeets(0, 0, type(uint32).max));
    }

    function mendSignature(IProjectRegistry.VerifiedStatement memory stated) private {
        refusesSignature();
        projects.verify(stated, "not a signature", 1);
        bytes memory signature = signed(OTHER_KEY, projects.digestToSign(stated));
        refusesSignature();
        projects.verify(stated, signature, 1);
        signature = signed(VERIFIER_KEY, projects.digestToSign(stated));
        refuses(
            abi.encodeWithSelector(IProjectRegistry.ReportAlreadyUsed.selector, stated.report)
        );
        projects.verify(stated, signature, 1);
        stated.report = keccak256("new");
        signature = signed(VERIFIER_KEY, projects.digestToSign(stated));
        refuses(abi.encodeWithSelector(ISerialIndex.StaleHint.selector, 1));
        projects.verify(stated, signature, 1);
        refusesPeriod();
        projects.verify(stated, signature, NO_HINT);
        stated.start = 18_700;
        stated.end = 18_710;
        signature = signed(VERIFIER_KEY, projects.digestToSign(stated));
        projects.verify(stated, signature, NO_HINT);
    }

    function statementFrom(
        uint32 start,
        string memory report
    ) private view returns (IProjectRegistry.VerifiedStatement memory) {
        return
            IProjectRegistry.VerifiedStatement({
                project: PROJECT,
                start: start,
                end: start + 10,
                amount: TONNE,
                report: keccak256(bytes(report)),
                verifier: verifier
            });
    }

    function refusesDependent(address who) private {
        refuses(
            abi.encodeWithSelector(
                IProjectRegistry.VerifierNotIndependent.selector,
                who,
                PROJECT
            )
        );
    }

    function refusesSignature() private {
        refuses(abi.encodeWithSelector(IProjectRegistry.InvalidSignature.selector, verifier));
    }

    function refusesPeriod() private {
        refuses(
            abi.encodeWithSelector(
                IProjectRegistry.PeriodAlreadyVerified.selector,
                PROJECT,
                18_262,
                18_628
            )
        );
    }
}
