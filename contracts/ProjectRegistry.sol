// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {IAccountDirectory} from "./interfaces/IAccountDirectory.sol";
import {IAmounts} from "./interfaces/IAmounts.sol";
import {IAuthority} from "./interfaces/IAuthority.sol";
import {IProjectRegistry} from "./interfaces/IProjectRegistry.sol";
import {Calendar} from "./libraries/Calendar.sol";
import {AMOUNT_MAX, NO_HINT} from "./libraries/Constants.sol";
import {IntervalIndex} from "./libraries/IntervalIndex.sol";
import {Roles} from "./libraries/Roles.sol";

/// @title One registry's projects and what verifiers stated about them.
contract ProjectRegistry is IProjectRegistry, IAmounts, EIP712 {
    using IntervalIndex for IntervalIndex.List;
    using Roles for IAuthority;

    struct Project {
        address developer;
        uint32 version;
        mapping(uint32 version => bytes32) roots;
        IntervalIndex.List verified;
    }

    /// @dev Two slots for what `draw` reads; the report is only read by people.
    struct Statement {
        uint64 amount;
        uint64 drawn;
        uint64 project;
        uint32 start;
        uint32 end;
        address verifier;
        bytes32 report;
    }

    bytes32 private constant STATEMENT_TYPE =
        keccak256(
            "VerifiedStatement(uint64 project,uint32 start,uint32 end,uint64 amount,"
            "bytes32 report,address verifier)"
        );

    IAuthority public immutable authority;
    IAccountDirectory public immutable directory;
    address public immutable carbonRegistry;

    mapping(uint64 project => Project) private _projects;
    mapping(bytes32 statement => Statement) private _statements;
    mapping(bytes32 report => bool) private _reportUsed;

    constructor(
        IAuthority authority_,
        IAccountDirectory directory_,
        address carbonRegistry_
    ) EIP712("CarbonRegistry", "1") {
        authority = authority_;
        directory = directory_;
        carbonRegistry = carbonRegistry_;
    }

    /// @inheritdoc IProjectRegistry
    function registerProject(uint64 project, address developer, bytes32 root) external {
        authority.requireRole(Roles.OPERATOR, msg.sender);
        if (project == 0) revert UnknownProject(project);
        Project storage record = _projects[project];
        if (record.version != 0) revert ProjectAlreadyRegistered(project);
        directory.requireOpen(developer);
        (record.developer, record.version, record.roots[1]) = (developer, 1, root);
        emit ProjectRegistered(project, developer, root);
    }

    /// @inheritdoc IProjectRegistry
    function updateProject(uint64 project, bytes32 root) external {
        authority.requireRole(Roles.OPERATOR, msg.sender);
        Project storage record = _projectOf(project);
        uint32 version = ++record.version;
        record.roots[version] = root;
        emit ProjectUpdated(project, version, root);
    }

    /// @inheritdoc IProjectRegistry
    function verify(
        VerifiedStatement calldata statement,
        bytes calldata signature,
        uint64 hint
    ) external {
        if (statement.amount == 0) revert ZeroAmount();
        if (statement.amount > AMOUNT_MAX) revert AmountTooLarge(statement.amount);
        Project storage project = _projectOf(statement.project);
        if (statement.start >= statement.end) revert EmptyPeriod(statement.start, statement.end);
        authority.requireRole(Roles.VERIFIER, statement.verifier);
        _requireIndependent(statement, project.developer);
        _requireSigned(statement, signature);
        if (_reportUsed[statement.report]) revert ReportAlreadyUsed(statement.report);
        _reportUsed[statement.report] = true;
        _takePeriod(project.verified, statement, hint);
        _record(statement);
    }

    /// @inheritdoc IProjectRegistry
    function draw(
        bytes32 statement,
        uint256 project,
        uint16 vintage,
        uint64 amount
    ) external {
        if (msg.sender != carbonRegistry) {
            revert IAuthority.NotAuthorised(msg.sender, Roles.CREDITS);
        }
        Statement storage stated = _statementOf(statement);
        if (stated.project != project) revert StatementOfAnotherProject(statement, project);
        (uint32 start, uint32 end) = (stated.start, stated.end);
        if (!Calendar.yearMeets(vintage, start, end)) {
            revert VintageOutsidePeriod(vintage, start, end);
        }
        (uint64 verified, uint64 drawn) = (stated.amount, stated.drawn);
        // drawn <= verified always, so this cannot wrap.
        if (amount > verified - drawn) {
            revert AboveVerifiedAmount(statement, verified, drawn, amount);
        }
        stated.drawn = drawn + amount;
    }

    /// @inheritdoc IProjectRegistry
    function proveDatum(
        uint64 project,
        uint32 version,
        bytes32 leaf_,
        bytes32[] calldata proof
    ) external view returns (bool) {
        return MerkleProof.verifyCalldata(proof, rootOf(project, version), leaf_);
    }

    /// @inheritdoc IProjectRegistry
    function leaf(string calldata path, string calldata value) external pure returns (bytes32) {
        bytes32 datum = keccak256(
            bytes.concat(keccak256(bytes(path)), keccak256(bytes(value)))
        );
        return keccak256(bytes.concat(datum));
    }

    /// @inheritdoc IProjectRegistry
    function statementOf(
        bytes32 statement
    ) external view returns (VerifiedStatement memory stated, uint64 drawn) {
        Statement storage kept = _statementOf(statement);
        stated = VerifiedStatement({
            project: kept.project,
            start: kept.start,
            end: kept.end,
            amount: kept.amount,
            report: kept.report,
            verifier: kept.verifier
        });
        drawn = kept.drawn;
    }

    /// @inheritdoc IProjectRegistry
    function digestToSign(
        VerifiedStatement calldata statement
    ) external view returns (bytes32) {
        return _hashTypedDataV4(statementId(statement));
    }

    /// @inheritdoc IProjectRegistry
    function periodHintFor(uint64 project, uint32 start) external view returns (uint64 hint) {
        return _projects[project].verified.hintFor(start);
    }

    /// @inheritdoc IProjectRegistry
    function developerOf(uint64 project) external view returns (address) {
        return _projects[project].developer;
    }

    /// @inheritdoc IProjectRegistry
    function versionOf(uint64 project) external view returns (uint32) {
        return _projects[project].version;
    }

    /// @inheritdoc IProjectRegistry
    function statementId(VerifiedStatement calldata statement) public pure returns (bytes32) {
        // All members are static, so the struct's ABI encoding is the one EIP-712 asks for.
        return keccak256(abi.encode(STATEMENT_TYPE, statement));
    }

    /// @inheritdoc IProjectRegistry
    function rootOf(uint64 project, uint32 version) public view returns (bytes32) {
        Project storage record = _projectOf(project);
        if (version == 0 || version > record.version) revert UnknownVersion(project, version);
        return record.roots[version];
    }

    function _takePeriod(
        IntervalIndex.List storage verified,
        VerifiedStatement calldata statement,
        uint64 hint
    ) private {
        (uint64 before, uint64 met) = verified.locate(statement.start, statement.end, hint);
        if (met != NO_HINT) {
            // Nodes are made of periods, so both bounds fit 32 bits.
            uint32 end = uint32(verified.nodes[met].end);
            revert PeriodAlreadyVerified(statement.project, uint32(met), end);
        }
        // Owner 0: periods never merge, each belongs to its own statement.
        verified.insert(before, statement.start, statement.end, 0);
    }

    function _record(VerifiedStatement calldata statement) private {
        bytes32 id = statementId(statement);
        _statements[id] = Statement({
            amount: statement.amount,
            drawn: 0,
            project: statement.project,
            start: statement.start,
            end: statement.end,
            verifier: statement.verifier,
            report: statement.report
        });
        emit StatementRecorded(
            id,
            statement.project,
            statement.verifier,
            statement.start,
            statement.end,
            statement.amount,
            statement.report
        );
    }

    function _requireIndependent(
        VerifiedStatement calldata statement,
        address developer
    ) private view {
        address verifier = statement.verifier;
        bytes32 account = directory.accountOf(verifier);
        // A verifier need not have an account; the developer always has one.
        if (verifier == developer || account == directory.accountOf(developer)) {
            revert VerifierNotIndependent(verifier, statement.project);
        }
    }

    function _requireSigned(
        VerifiedStatement calldata statement,
        bytes calldata signature
    ) private view {
        bytes32 digest = _hashTypedDataV4(statementId(statement));
        (address signer, ECDSA.RecoverError problem, ) = ECDSA.tryRecover(digest, signature);
        if (problem != ECDSA.RecoverError.NoError || signer != statement.verifier) {
            revert InvalidSignature(statement.verifier);
        }
    }

    function _projectOf(uint64 project) private view returns (Project storage record) {
        record = _projects[project];
        if (record.version == 0) revert UnknownProject(project);
    }

    function _statementOf(bytes32 statement) private view returns (Statement storage stated) {
        stated = _statements[statement];
        if (stated.amount == 0) revert UnknownStatement(statement);
    }
}
