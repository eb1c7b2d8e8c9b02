// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TestBase} from "./TestBase.sol";
import {AccountDirectory} from "../../AccountDirectory.sol";
import {Authority} from "../../Authority.sol";
import {CarbonRegistry} from "../../CarbonRegistry.sol";
import {ProjectRegistry} from "../../ProjectRegistry.sol";
import {RetirementCertificate} from "../../RetirementCertificate.sol";
import {SerialIndex} from "../../guards/SerialIndex.sol";
import {IAccountDirectory} from "../../interfaces/IAccountDirectory.sol";
import {IAmounts} from "../../interfaces/IAmounts.sol";
import {IAuthority} from "../../interfaces/IAuthority.sol";
import {ICarbonRegistry} from "../../interfaces/ICarbonRegistry.sol";
import {IProjectRegistry} from "../../interfaces/IProjectRegistry.sol";
import {IRetirementCertificate} from "../../interfaces/IRetirementCertificate.sol";
import {NO_HINT} from "../../libraries/Constants.sol";
import {Roles} from "../../libraries/Roles.sol";
import {Interval, interval} from "../../types/Interval.sol";

/// @title A platform, one native registry, the cast, and a batch of 100 t that HOLDER holds.
abstract contract World is TestBase {
    uint64 internal constant TONNE = 1_000_000;
    uint64 internal constant PROJECT = 7;
    uint256 internal constant BATCH = (uint256(PROJECT) << 128) | 1;
    uint256 internal constant NO_BATCH = (uint256(PROJECT) << 128) | 999;
    uint64 internal constant START = 5_000 * TONNE;
    uint64 internal constant ISSUED = 100 * TONNE;
    uint256 internal constant VERIFIER_KEY = 0xA11CE;
    string internal constant SCOPE = "TEST-7-2020-";

    address internal constant OPERATOR = address(0x1001);
    address internal constant ISSUER = address(0x1002);
    address internal constant REGULATOR = address(0x1003);
    address internal constant DEVELOPER = address(0x1004);
    address internal constant HOLDER = address(0x1005);
    address internal constant BUYER = address(0x1006);
    address internal constant LENDER = address(0x1007);
    address internal constant STRANGER = address(0x1008);
    address internal verifier = vm.addr(VERIFIER_KEY);

    Authority internal platform;
    Authority internal authority;
    AccountDirectory internal directory;
    SerialIndex internal index;
    ProjectRegistry internal projects;
    CarbonRegistry internal registry;
    RetirementCertificate internal certificate;
    bytes32 internal statement;

    event TransferSingle(
        address indexed operator,
        address indexed from,
        address indexed to,
        uint256 id,
        uint256 value
    );

    function setUp() public virtual {
        vm.warp(1_751_328_000);
        deploy(true);
        openAccounts();
        vm.prank(OPERATOR);
        projects.registerProject(PROJECT, DEVELOPER, keccak256("root"));
        statement = verified(PROJECT, 18_262, 18_628, 1_000 * TONNE, "report");
        issue(BATCH, HOLDER, ISSUED, START);
    }

    function deploy(bool native) internal {
        platform = new Authority(address(this));
        authority = new Authority(address(this));
        directory = new AccountDirectory(platform);
        index = new SerialIndex(platform);
        platform.grantRole(Roles.OPERATOR, OPERATOR);
        authority.grantRole(Roles.OPERATOR, OPERATOR);
        authority.grantRole(Roles.ISSUER, ISSUER);
        authority.grantRole(Roles.VERIFIER, verifier);
        authority.grantRole(Roles.REGULATOR, REGULATOR);
        deployRegistry(native);
        vm.prank(OPERATOR);
        index.admit(address(registry));
    }

    function deployRegistry(bool native) internal {
        uint64 nonce = vm.getNonce(address(this));
        address credits = vm.computeCreateAddress(address(this), nonce + 2);
        projects = new ProjectRegistry(authority, directory, credits);
        certificate = new RetirementCertificate(credits, "Test certificates");
        registry = new CarbonRegistry(
            ICarbonRegistry.Config({
                name: "Test registry",
                native: native,
                authority: address(authority),
                directory: address(directory),
                projects: address(projects),
                guard: address(index),
                certificate: address(certificate)
            })
        );
        assertEq(address(registry), credits);
    }

    function openAccounts() internal {
        open(DEVELOPER, "developer");
        open(HOLDER, "holder");
        open(BUYER, "buyer");
        open(LENDER, "lender");
    }

    function open(address holder, string memory name) internal {
        vm.prank(OPERATOR);
        directory.openAccount(keccak256(bytes(name)), holder, name, "XX");
    }

    function close(string memory name) internal {
        vm.prank(OPERATOR);
        directory.closeAccount(keccak256(bytes(name)));
    }

    function verified(
        uint64 project,
        uint32 start,
        uint32 end,
        uint64 amount,
        string memory report
    ) internal returns (bytes32) {
        IProjectRegistry.VerifiedStatement memory stated = IProjectRegistry.VerifiedStatement({
            project: project,
            start: start,
            end: end,
            amount: amount,
            report: keccak256(bytes(report)),
            verifier: verifier
        });
        bytes memory signature = signed(VERIFIER_KEY, projects.digestToSign(stated));
        projects.verify(stated, signature, projects.periodHintFor(project, start));
        return projects.statementId(stated);
    }

    function signed(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function issueOrder(
        uint256 batch,
        address to,
        uint64 amount,
        uint64 start
    ) internal view returns (ICarbonRegistry.IssueOrder memory order) {
        order.batch = batch;
        order.to = to;
        order.amount = amount;
        order.start = start;
        order.vintage = 2020;
        order.statement = statement;
        order.scope = SCOPE;
        order.hint = index.hintFor(keccak256(bytes(SCOPE)), start);
    }

    function issue(uint256 batch, address to, uint64 amount, uint64 start) internal {
        ICarbonRegistry.IssueOrder memory order = issueOrder(batch, to, amount, start);
        vm.prank(ISSUER);
        registry.issue(order);
    }

    function claimOf(
        string memory beneficiary
    ) internal pure returns (IRetirementCertificate.Claim memory) {
        return
            IRetirementCertificate.Claim({
                beneficiary: beneficiary,
                purpose: "voluntary",
                reason: "annual report",
                period: "2020",
                jurisdiction: "XX"
            });
    }

    function retireOrder(
        uint256 id,
        uint64 amount
    ) internal pure returns (ICarbonRegistry.RetireOrder memory) {
        return
            ICarbonRegistry.RetireOrder({
                id: id,
                batch: BATCH,
                amount: amount,
                claim: claimOf("Example Ltd")
            });
    }

    function retire(uint256 id, uint64 amount) internal {
        vm.prank(HOLDER);
        registry.retire(retireOrder(id, amount));
    }

    function request(uint256 id, uint64 amount, uint64 deadline) internal {
        vm.prank(HOLDER);
        registry.requestRetirement(retireOrder(id, amount), deadline);
    }

    function lock(uint256 id, uint64 amount) internal {
        vm.prank(OPERATOR);
        registry.lock(id, BATCH, HOLDER, amount, "reason");
    }

    function release(uint256 id, uint64 amount) internal {
        vm.prank(OPERATOR);
        registry.release(id, amount);
    }

    function pledge(uint256 id, uint64 amount) internal {
        vm.prank(HOLDER);
        registry.pledge(id, BATCH, amount, LENDER);
    }

    function freeze(address holder, uint256 amount) internal {
        vm.prank(REGULATOR);
        registry.setFrozenTokens(holder, BATCH, amount);
    }

    function pause() internal {
        vm.prank(OPERATOR);
        registry.pause();
    }

    function unpause() internal {
        vm.prank(OPERATOR);
        registry.unpause();
    }

    /// @dev One interval, counted from the start of BATCH.
    function one(uint64 from, uint64 to) internal pure returns (Interval[] memory list) {
        list = new Interval[](1);
        list[0] = interval(START + from, START + to);
    }

    function two(
        uint64 from,
        uint64 to,
        uint64 from2,
        uint64 to2
    ) internal pure returns (Interval[] memory list) {
        list = new Interval[](2);
        list[0] = interval(START + from, START + to);
        list[1] = interval(START + from2, START + to2);
    }

    function none() internal pure returns (Interval[] memory) {
        return new Interval[](0);
    }

    function assertTotals(
        uint64 active,
        uint64 locked,
        uint64 retired,
        uint64 cancelled
    ) internal view {
        ICarbonRegistry.Totals memory totals = registry.totalsOf(BATCH);
        assertEq(totals.issued, ISSUED);
        assertEq(totals.active, active);
        assertEq(totals.locked, locked);
        assertEq(totals.retired, retired);
        assertEq(totals.cancelled, cancelled);
        assertEq(totals.exported, 0);
    }

    function assertHolding(
        address account,
        uint64 balance,
        uint64 pledged,
        uint64 frozen,
        uint64 retired
    ) internal view {
        ICarbonRegistry.Holding memory held = registry.holdingOf(BATCH, account);
        assertEq(held.balance, balance);
        assertEq(held.pledged, pledged);
        assertEq(held.frozen, frozen);
        assertEq(held.retired, retired);
        assertEq(registry.balanceOf(account, BATCH), balance);
        assertEq(registry.retiredBalanceOf(account, BATCH), retired);
        assertEq(registry.getFrozenTokens(account, BATCH), frozen);
    }

    function assertDisposition(
        uint256 id,
        ICarbonRegistry.Kind kind,
        uint64 amount,
        Interval[] memory intervals
    ) internal view {
        ICarbonRegistry.Disposition memory found = registry.dispositionOf(id);
        assertEq(uint256(found.kind), uint256(kind));
        assertEq(found.amount, amount);
        assertEq(registry.intervalsOf(id), intervals);
    }

    function refuses(bytes memory reason) internal {
        vm.expectRevert(reason);
    }

    function refusesRole(address caller, bytes32 role) internal {
        refuses(abi.encodeWithSelector(IAuthority.NotAuthorised.selector, caller, role));
    }

    function refusesPaused() internal {
        vm.expectRevert(bytes4(keccak256("EnforcedPause()")));
    }

    function refusesZero() internal {
        refuses(abi.encodeWithSelector(IAmounts.ZeroAmount.selector));
    }

    function refusesUnknownBatch() internal {
        refuses(abi.encodeWithSelector(ICarbonRegistry.UnknownBatch.selector, NO_BATCH));
    }

    function refusesUnknown(address holder) internal {
        refuses(abi.encodeWithSelector(IAccountDirectory.UnknownAccount.selector, holder));
    }

    function refusesClosed(address holder) internal {
        refuses(abi.encodeWithSelector(IAccountDirectory.ClosedAccount.selector, holder));
    }

    function refusesId(uint256 id) internal {
        refuses(abi.encodeWithSelector(ICarbonRegistry.IdAlreadyUsed.selector, id));
    }

    function refusesText(uint256 length) internal {
        refuses(abi.encodeWithSelector(ICarbonRegistry.TextTooLong.selector, length, 512));
    }

    function refusesInsufficient(address holder, uint256 balance, uint256 amount) internal {
        refuses(
            abi.encodeWithSelector(
                ICarbonRegistry.InsufficientCredits.selector,
                BATCH,
                holder,
                balance,
                amount
            )
        );
    }

    /// @dev Of HOLDER.
    function refusesEncumbered(
        uint256 balance,
        uint256 pledged,
        uint256 frozen,
        uint256 amount
    ) internal {
        refuses(
            abi.encodeWithSelector(
                ICarbonRegistry.CreditsEncumbered.selector,
                BATCH,
                HOLDER,
                balance,
                pledged,
                frozen,
                amount
            )
        );
    }

    function text(uint256 length) internal pure returns (string memory) {
        return string(new bytes(length));
    }
}
