// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title One registry's projects and what verifiers stated about them.
/// @notice A project's documents stay off chain; the root of a Merkle tree over them is kept for
/// every version. Credits are drawn from verifiers' statements, each recorded once.
/// @dev Amounts: g CO2e, 1 to 2^63 - 1. Periods: days since 1970-01-01, half-open.
interface IProjectRegistry {
    /// @notice What a verifier signs: `project` avoided or removed `amount` in [start, end).
    /// @dev EIP-712 domain: name "CarbonRegistry", version "1", chain id, this contract. A
    /// statement's id is its struct hash without the domain, so it is the same on every chain.
    /// @param report Hash of the verification report; used for one statement only.
    struct VerifiedStatement {
        uint64 project;
        uint32 start;
        uint32 end;
        uint64 amount;
        bytes32 report;
        address verifier;
    }

    /// @notice A project was registered; `root` is the Merkle root of version 1 of its document.
    event ProjectRegistered(
        uint64 indexed project,
        address indexed developer,
        bytes32 root
    );

    /// @notice A project's document has one more version; earlier roots stay provable.
    event ProjectUpdated(uint64 indexed project, uint32 version, bytes32 root);

    /// @notice A verifier's statement was recorded: `amount` grams over days [start, end) since
    /// 1970-01-01, on the strength of `report`.
    event StatementRecorded(
        bytes32 indexed statement,
        uint64 indexed project,
        address indexed verifier,
        uint32 start,
        uint32 end,
        uint64 amount,
        bytes32 report
    );

    /// @notice The number is taken.
    error ProjectAlreadyRegistered(uint64 project);

    /// @notice No project has this number; none ever has number 0.
    error UnknownProject(uint64 project);

    /// @notice The project has no such version; the first is 1.
    error UnknownVersion(uint64 project, uint32 version);

    /// @notice [start, end) holds no day.
    error EmptyPeriod(uint32 start, uint32 end);

    /// @notice The verifier is the project's own developer.
    error VerifierNotIndependent(address verifier, uint64 project);

    /// @notice The signature over the statement is not the verifier's.
    error InvalidSignature(address verifier);

    /// @notice A statement already rests on this report.
    error ReportAlreadyUsed(bytes32 report);

    /// @notice The period meets one that was verified before: [start, end), the earliest such.
    error PeriodAlreadyVerified(uint64 project, uint32 start, uint32 end);

    /// @notice No such statement was recorded here.
    error UnknownStatement(bytes32 statement);

    /// @notice The statement is not about `project`.
    error StatementOfAnotherProject(bytes32 statement, uint256 project);

    /// @notice No day of the year `vintage` lies in the statement's period [start, end).
    error VintageOutsidePeriod(uint16 vintage, uint32 start, uint32 end);

    /// @notice More was asked for than the statement has left.
    /// @dev Everything ever drawn counts, retired or not: the cap is for life.
    error AboveVerifiedAmount(
        bytes32 statement,
        uint64 verified,
        uint64 drawn,
        uint64 requested
    );

    /// @notice Registers `project`, developed by `developer`, with the root of its documents.
    /// @dev Operator only. The root becomes version 1.
    /// @dev Reverts: NotAuthorised, UnknownProject (number 0), ProjectAlreadyRegistered,
    /// UnknownAccount, ClosedAccount.
    /// @dev Does not check that the same activity is registered nowhere else.
    function registerProject(uint64 project, address developer, bytes32 root) external;

    /// @notice Records a new version of the project's documents.
    /// @dev Operator only. Earlier roots stay readable.
    /// @dev Reverts: NotAuthorised, UnknownProject.
    function updateProject(uint64 project, bytes32 root) external;

    /// @notice Says whether `leaf` belongs to that version of the project's documents.
    /// @dev Sorted pairs, keccak256. A false proof returns false.
    /// @dev Reverts: UnknownProject, UnknownVersion.
    function proveDatum(
        uint64 project,
        uint32 version,
        bytes32 leaf,
        bytes32[] calldata proof
    ) external view returns (bool);

    /// @notice The leaf for the datum `value` at `path`: hashed twice, so that no inner node of
    /// the tree can pass for a leaf.
    function leaf(
        string calldata path,
        string calldata value
    ) external pure returns (bytes32);

    /// @notice Records a verifier's statement. Anyone may bring it: the signature is the
    /// authority.
    /// @param hint Start of a verified period at or before the statement's; 2^64 - 1 to look from
    /// the earliest. See periodHintFor.
    /// @dev Keeps: a report and a day of a project are verified at most once, for good.
    /// @dev Reverts: ZeroAmount, AmountTooLarge, UnknownProject, EmptyPeriod, NotAuthorised (the
    /// verifier lacks its role), VerifierNotIndependent, InvalidSignature, ReportAlreadyUsed,
    /// StaleHint, PeriodAlreadyVerified.
    /// @dev Does not check that the verifier may verify this kind of project.
    function verify(
        VerifiedStatement calldata statement,
        bytes calldata signature,
        uint64 hint
    ) external;

    /// @notice Takes `amount` out of what the statement has left, for credits being issued.
    /// @dev This registry's CarbonRegistry only. What is drawn is never given back.
    /// @dev Reverts: NotAuthorised (role "CREDITS"), UnknownStatement,
    /// StatementOfAnotherProject, VintageOutsidePeriod, AboveVerifiedAmount.
    function draw(
        bytes32 statement,
        uint256 project,
        uint16 vintage,
        uint64 amount
    ) external;

    /// @notice A recorded statement and how much of it is drawn.
    /// @dev Reverts: UnknownStatement.
    function statementOf(
        bytes32 statement
    ) external view returns (VerifiedStatement memory stated, uint64 drawn);

    /// @notice The id of a statement, recorded or not.
    function statementId(
        VerifiedStatement calldata statement
    ) external pure returns (bytes32);

    /// @notice What the verifier signs: the statement under this contract's EIP-712 domain.
    function digestToSign(
        VerifiedStatement calldata statement
    ) external view returns (bytes32);

    /// @notice The hint for verifying a period from `start`. Walks without bound.
    function periodHintFor(uint64 project, uint32 start) external view returns (uint64 hint);

    /// @notice Who develops `project`; zero if there is no such project.
    function developerOf(uint64 project) external view returns (address);

    /// @notice The latest version of the project's documents; zero if there is no such project.
    function versionOf(uint64 project) external view returns (uint32);

    /// @notice The root of that version's documents.
    /// @dev Reverts: UnknownProject, UnknownVersion.
    function rootOf(uint64 project, uint32 version) external view returns (bytes32);
}
