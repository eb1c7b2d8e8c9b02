// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Interval} from "../types/Interval.sol";
import {IRetirementCertificate} from "./IRetirementCertificate.sol";

/// @title One registry's credits: ERC-1155 tokens, one id per batch.
/// @notice A batch is one issuance of one project vintage and is never topped up. Its id is the
/// project number in the high 128 bits and a batch number in the low ones (as in the ERC-8393
/// draft, from which the retired-balance views come too). Bit 127 says that the batch is ex ante:
/// expected only, so that nobody can retire or export it. An imported batch belongs to no project:
/// its number counts the registry's imports from 1, and the project number is 0.
/// @dev Amounts: g CO2e; 1_000_000 is one tonne. Range: 1 to 2^63 - 1. Times: seconds since
/// 1970-01-01. Texts: at most 512 bytes each.
/// @dev Per batch, issued = active + locked + retired + cancelled + exported (C1), and active is
/// the sum of all balances. Retired never falls (C2). The intervals of all dispositions of a
/// batch are disjoint and inside it (C4). An id has one effect (C5).
/// @dev Of a balance, what is neither frozen nor pledged can be spent:
/// max(0, balance - frozen - pledged).
/// @dev Ids (of locks, pledges, requests, retirements, cancellations and exports, one namespace)
/// are chosen by the caller, above 0, and never used twice, not even after a lock was released.
/// @dev Order of refusals, unless a function says otherwise: EnforcedPause; NotAuthorised;
/// ZeroAmount; UnknownBatch or the error of the id's record; ExAnteNotRetirable; accounts, source
/// before target; IdAlreadyUsed; TextTooLong; InsufficientCredits, CreditsEncumbered;
/// TooFragmented.
/// @dev Every function that moves credits refuses to be re-entered
/// (ReentrancyGuardReentrantCall), before anything else.
/// @dev When credits leave balances, ERC-1155's TransferSingle to zero comes first and our event
/// right after it; when they come back, TransferSingle from zero comes first. What leaves for
/// another registry or comes from one, the registry's bridge says.
interface ICarbonRegistry {
    /// @dev Fixed at deployment. The addresses may be of contracts still to be deployed.
    /// @param native Whether holders retire in one step; a mirrored registry asks for requests.
    /// @param authority IAuthority of this registry.
    /// @param directory IAccountDirectory, shared.
    /// @param projects IProjectRegistry of this registry.
    /// @param guard ISerialGuard, usually shared.
    /// @param certificate IRetirementCertificate of this registry.
    struct Config {
        string name;
        bool native;
        address authority;
        address directory;
        address projects;
        address guard;
        address certificate;
    }

    /// @param start First gram of the batch in its scope; the batch is [start, start + amount).
    /// @param statement Id of the verifier's statement that the amount is drawn from; zero, and
    /// nothing is drawn, if the batch is ex ante.
    /// @param scope The prefix inside which the registry counts serials.
    /// @param hint For the serial guard; 2^64 - 1 for none.
    struct IssueOrder {
        uint256 batch;
        address to;
        uint64 amount;
        uint64 start;
        uint16 vintage;
        bytes32 statement;
        string scope;
        uint64 hint;
    }

    struct TransferOrder {
        uint256 batch;
        address to;
        uint64 amount;
    }

    /// @param id Becomes the certificate's id.
    struct RetireOrder {
        uint256 id;
        uint256 batch;
        uint64 amount;
        IRetirementCertificate.Claim claim;
    }

    /// @param start First gram, in the count of the credits' home.
    /// @param scope Text of the scope in which the home counts.
    struct ImportOrder {
        address to;
        uint64 amount;
        uint64 start;
        uint16 vintage;
        string scope;
    }

    /// @notice The five totals of a batch and what they add up to.
    struct Totals {
        uint64 issued;
        uint64 active;
        uint64 locked;
        uint64 retired;
        uint64 cancelled;
        uint64 exported;
    }

    /// @notice One account's position in one batch.
    /// @dev `pledged` is never above `balance`; `frozen` may be. `retired` never falls.
    struct Holding {
        uint64 balance;
        uint64 pledged;
        uint64 frozen;
        uint64 retired;
    }

    /// @param scope keccak256 of the scope's text, which is in BatchIssued.
    struct BatchRecord {
        uint64 issued;
        uint64 start;
        uint16 vintage;
        bytes32 scope;
        bytes32 statement;
    }

    enum Kind {
        None,
        Lock,
        Pledge,
        Request,
        Cancellation,
        Retirement,
        Export
    }

    /// @notice What stands under an id.
    /// @dev `amount` is what it still holds: 0 for a released lock, an ended pledge, a reverted
    /// request; of an export what has not come back. A finalised request becomes a Retirement and
    /// keeps amount and intervals. A retirement in one step leaves only its certificate: its kind,
    /// everything else zero.
    /// @param lender Of a pledge, else zero.
    /// @param deadline Of a request, else 0.
    /// @param claim Of a request: keccak256(abi.encode(Claim)), else zero.
    struct Disposition {
        Kind kind;
        address holder;
        uint64 amount;
        uint256 batch;
        address lender;
        uint64 deadline;
        bytes32 claim;
    }

    /// @notice A registry was opened on chain. `native`: the chain is its record, and it retires in
    /// one step; otherwise retirements are requested, then finalised.
    event RegistryOpened(string name, bool native);

    /// @notice `amount` grams came into being as `batch`, with serials of `scope` from `start` on.
    /// @dev Follows the TransferSingle from zero. Source: the verifier's `statement`.
    event BatchIssued(
        uint256 indexed batch,
        address indexed to,
        bytes32 indexed statement,
        uint16 vintage,
        uint64 amount,
        uint64 start,
        string scope
    );

    /// @notice `holder` retired `amount` grams for good, in one step, with `claim`.
    /// @dev `intervals` in the order taken. A certificate with the same id was minted.
    event CreditsRetired(
        uint256 indexed id,
        uint256 indexed batch,
        address indexed holder,
        uint64 amount,
        Interval[] intervals,
        IRetirementCertificate.Claim claim
    );

    /// @notice `holder` asks to retire: the grams are locked until finalised, or reverted.
    /// @dev After `deadline`, in seconds, it can only be reverted.
    event RetirementRequested(
        uint256 indexed id,
        uint256 indexed batch,
        address indexed holder,
        uint64 amount,
        uint64 deadline,
        Interval[] intervals,
        IRetirementCertificate.Claim claim
    );

    /// @notice A requested retirement became final; its claim is in RetirementRequested.
    /// @dev A certificate with the same id was minted.
    event RetirementFinalised(
        uint256 indexed id,
        uint256 indexed batch,
        address indexed holder,
        uint64 amount,
        Interval[] intervals
    );

    /// @notice A requested retirement was given back to its holder.
    /// @dev Follows a TransferSingle from zero.
    event RetirementReverted(
        uint256 indexed id,
        uint256 indexed batch,
        address indexed holder,
        uint64 amount,
        Interval[] intervals,
        string reason
    );

    /// @notice `holder` gave credits up without a claim.
    event CreditsCancelled(
        uint256 indexed id,
        uint256 indexed batch,
        address indexed holder,
        uint64 amount,
        Interval[] intervals,
        string reason
    );

    /// @notice The operator immobilised credits of `holder`.
    event CreditsLocked(
        uint256 indexed id,
        uint256 indexed batch,
        address indexed holder,
        uint64 amount,
        Interval[] intervals,
        string reason
    );

    /// @notice The operator gave locked credits back to their holder.
    /// @dev `amount` and `intervals` are what was released this time.
    event CreditsReleased(
        uint256 indexed id,
        uint256 indexed batch,
        address indexed holder,
        uint64 amount,
        Interval[] intervals
    );

    /// @notice `holder` encumbered credits in favour of `lender`; they stay in its balance.
    event CreditsPledged(
        uint256 indexed id,
        uint256 indexed batch,
        address indexed holder,
        address lender,
        uint64 amount
    );

    /// @notice The lender ended the pledge.
    event PledgeReleased(
        uint256 indexed id,
        uint256 indexed batch,
        address indexed holder,
        address lender,
        uint64 amount
    );

    /// @notice The lender took the pledged credits. Follows their TransferSingle.
    event PledgeForeclosed(
        uint256 indexed id,
        uint256 indexed batch,
        address indexed holder,
        address lender,
        uint64 amount
    );

    /// @notice The regulator ended the pledge.
    event PledgeEnded(
        uint256 indexed id,
        uint256 indexed batch,
        address indexed holder,
        address lender,
        uint64 amount,
        string reason
    );

    /// @notice Why the ForcedTransfer just before took place; may be empty.
    event ForcedTransferExplained(string reason);

    /// @notice No batch has this id.
    error UnknownBatch(uint256 batch);

    /// @notice The batch was issued before; it is never topped up.
    error BatchAlreadyIssued(uint256 batch);

    /// @notice The id stands for something else here, now or once, or is 0.
    error IdAlreadyUsed(uint256 id);

    /// @notice A text has `length` bytes where `max` are allowed.
    error TextTooLong(uint256 length, uint256 max);

    /// @notice The holder has less than was asked for.
    error InsufficientCredits(
        uint256 batch,
        address holder,
        uint256 balance,
        uint256 amount
    );

    /// @notice The holder has enough, but too much of it is pledged or frozen.
    error CreditsEncumbered(
        uint256 batch,
        address holder,
        uint256 balance,
        uint256 pledged,
        uint256 frozen,
        uint256 amount
    );

    /// @notice The batch's serials lie in too many pieces to give `amount` as one disposition;
    /// `available` can be had at once: what the first 16 pieces give, or what has never been out
    /// if that is more. Ask for less at a time.
    error TooFragmented(uint256 batch, uint64 available);

    /// @notice This registry mirrors another: retirements are requested, then finalised.
    error RetirementNeedsRequest();

    /// @notice The deadline is not in the future.
    error DeadlineTooEarly(uint64 deadline, uint64 now_);

    /// @notice The deadline has passed: the request can only be reverted.
    error DeadlinePassed(uint256 id, uint64 deadline);

    /// @notice No retirement is pending under this id.
    error NoPendingRetirement(uint256 id);

    /// @notice Part of the holder's credits of the batch is frozen.
    error HolderFrozen(uint256 batch, address holder, uint64 frozen);

    /// @notice Nothing is locked under this id.
    error NotLocked(uint256 id);

    /// @notice The lock holds less than was to be released.
    error AboveLockedAmount(uint256 id, uint64 locked, uint64 needed);

    /// @notice Nothing is pledged under this id.
    error NotPledged(uint256 id);

    /// @notice The caller is not the pledge's lender.
    error NotLender(uint256 id, address caller);

    /// @notice `id` does not hold [start, end) inside one of its pieces.
    error NotOutstanding(uint256 id, uint64 start, uint64 end);

    /// @notice The batch is ex ante: it cannot be retired, nor leave the registry.
    error ExAnteNotRetirable(uint256 batch);

    /// @notice Issues one batch, drawn from a verifier's statement, to `order.to`.
    /// @dev Issuer only. Keeps C1 and C4; the serials are claimed for good.
    /// @dev Reverts: EnforcedPause, NotAuthorised, ZeroAmount, AmountTooLarge (the amount, then
    /// start + amount), BatchAlreadyIssued, UnknownAccount, ClosedAccount, TextTooLong, then
    /// IProjectRegistry.draw (UnknownStatement, StatementOfAnotherProject, VintageOutsidePeriod,
    /// AboveVerifiedAmount; of an ex-ante batch UnknownStatement alone, if it names one), then the
    /// guard (SerialIndex: NotAdmitted, StaleHint, SerialAlreadyClaimed), then
    /// ERC1155InvalidReceiver.
    /// @dev Does not check that `order.to` is the project's developer.
    function issue(IssueOrder calldata order) external;

    /// @notice Issues several batches, in order, or none.
    /// @dev As issue; the receivers are asked after the last batch.
    function issueMany(IssueOrder[] calldata orders) external;

    /// @notice Moves credits from the caller to several accounts, in order, or not at all.
    /// @dev Emits TransferSingle for each. ERC-1155's own transfers follow the same rules, after
    /// its approval check; an amount of 0 is refused there too.
    /// @dev Reverts: EnforcedPause, then for each ZeroAmount, UnknownBatch, UnknownAccount,
    /// ClosedAccount, InsufficientCredits, CreditsEncumbered, then ERC1155InvalidReceiver.
    /// @dev To oneself it is allowed and changes nothing.
    function transferMany(TransferOrder[] calldata orders) external;

    /// @notice Retires `order.amount` of `order.batch` from the caller's holding, for good.
    /// @dev Native registries only. Keeps C1 and C2. Cannot be undone by anyone, including the
    /// admin. Emits CreditsRetired, then the certificate's Transfer and Locked.
    /// @dev Reverts: EnforcedPause, RetirementNeedsRequest, ZeroAmount, UnknownBatch,
    /// ExAnteNotRetirable, UnknownAccount, ClosedAccount, IdAlreadyUsed, TextTooLong (beneficiary,
    /// purpose, reason, period, jurisdiction), InsufficientCredits, CreditsEncumbered,
    /// TooFragmented.
    /// @dev Does not check that the beneficiary has an account: a claim may name an outsider.
    function retire(RetireOrder calldata order) external;

    /// @notice Retires several amounts from the caller's holdings, in order, or none.
    /// @dev As retire.
    function retireMany(RetireOrder[] calldata orders) external;

    /// @notice Asks for a retirement: the credits are locked until it is finalised or reverted.
    /// @param deadline Last second at which it can be finalised.
    /// @dev Reverts: EnforcedPause, ZeroAmount, DeadlineTooEarly, then as retire from
    /// UnknownBatch on.
    function requestRetirement(RetireOrder calldata order, uint64 deadline) external;

    /// @notice Retires what was requested under `id`, for good.
    /// @dev Operator only. Keeps C1 and C2. The certificate goes to the holder.
    /// @dev Reverts: EnforcedPause, NotAuthorised, NoPendingRetirement, UnknownAccount,
    /// ClosedAccount, HolderFrozen, DeadlinePassed.
    function finaliseRetirement(uint256 id) external;

    /// @notice Gives back what was requested under `id`.
    /// @dev The operator at any time; anyone after the deadline. Not stopped by pause, freeze or
    /// a closed account. The holder, if a contract, is told but cannot refuse.
    /// @dev Reverts: NoPendingRetirement, NotAuthorised, TextTooLong.
    function revertRetirement(uint256 id, string calldata reason) external;

    /// @notice Removes credits from the caller's holding for good, without a claim.
    /// @dev Reverts: EnforcedPause, ZeroAmount, UnknownBatch, UnknownAccount, ClosedAccount,
    /// IdAlreadyUsed, TextTooLong, InsufficientCredits, CreditsEncumbered, TooFragmented.
    function cancel(
        uint256 id,
        uint256 batch,
        uint64 amount,
        string calldata reason
    ) external;

    /// @notice Immobilises credits of `holder` until they are released.
    /// @dev Operator only.
    /// @dev Reverts: EnforcedPause, NotAuthorised, ZeroAmount, UnknownBatch, UnknownAccount,
    /// ClosedAccount, IdAlreadyUsed, TextTooLong, InsufficientCredits, CreditsEncumbered,
    /// TooFragmented.
    function lock(
        uint256 id,
        uint256 batch,
        address holder,
        uint64 amount,
        string calldata reason
    ) external;

    /// @notice Gives `amount` of lock `id` back to its holder, from the front of its intervals.
    /// @dev Operator only. Not stopped by pause, freeze or a closed account. The holder, if a
    /// contract, is told but cannot refuse.
    /// @dev Reverts: NotAuthorised, ZeroAmount, NotLocked, AboveLockedAmount.
    function release(uint256 id, uint64 amount) external;

    /// @notice Gives [start, start + amount) of lock `id` back to its holder; with 2^64 - 1 for
    /// `start`, as release.
    /// @dev Operator only. What is left of the piece before it stays in place; what is left after
    /// it goes to the end of the lock's intervals, or stays in place if nothing is left before it.
    /// A piece given back whole is replaced by the last one. Not stopped by pause, freeze or a
    /// closed account. The holder, if a contract, is told but cannot refuse.
    /// @dev Reverts: NotAuthorised, ZeroAmount, NotLocked, AboveLockedAmount, NotOutstanding,
    /// TooFragmented (more than 255 pieces would be left).
    function releaseInterval(uint256 id, uint64 start, uint64 amount) external;

    /// @notice Takes credits of `holder` out of active, to leave for another registry.
    /// @dev Bridge only. Keeps C1 and C4. One interval: TooFragmented says how much the largest
    /// has. The bridge has the holder's consent and says the event.
    /// @dev Reverts: EnforcedPause, NotAuthorised, ZeroAmount, UnknownBatch, ExAnteNotRetirable,
    /// UnknownAccount, ClosedAccount, IdAlreadyUsed, InsufficientCredits, CreditsEncumbered,
    /// TooFragmented.
    /// @return taken The serials that leave.
    /// @return vintage Of the batch.
    /// @return scope keccak256 of the batch's scope.
    function exportCredits(
        uint256 id,
        uint256 batch,
        address holder,
        uint64 amount
    ) external returns (Interval taken, uint16 vintage, bytes32 scope);

    /// @notice Creates a batch of credits that were first issued elsewhere.
    /// @dev Bridge only. Draws on no statement and claims no serials. The bridge says the event,
    /// then has the receiver asked.
    /// @dev Reverts: EnforcedPause, NotAuthorised, ZeroAmount, AmountTooLarge (the amount, then
    /// start + amount), UnknownAccount, ClosedAccount, TextTooLong.
    function importCredits(ImportOrder calldata order) external returns (uint256 batch);

    /// @notice Takes [start, start + amount) of export `id` back into active, for `to`.
    /// @dev Bridge only. The export's intervals shrink as a lock's in releaseInterval. The bridge
    /// says the event, then has the receiver asked.
    /// @dev Reverts: EnforcedPause, NotAuthorised, ZeroAmount, UnknownAccount, ClosedAccount,
    /// NotOutstanding, TooFragmented (more than 255 pieces would be left).
    function returnCredits(
        uint256 id,
        uint64 start,
        uint64 amount,
        address to
    ) external returns (uint256 batch);

    /// @notice Takes all that export `id` holds back into active, for its holder.
    /// @dev Bridge only. Not stopped by pause, freeze or a closed account. The bridge says the
    /// event, then has the holder told.
    /// @dev Reverts: NotAuthorised, NotOutstanding (what `id` names is no export).
    function compensateExport(
        uint256 id
    ) external returns (uint256 batch, address holder, Interval[] memory pieces);

    /// @notice Calls onERC1155Received on a receiver that has code, of credits that came in.
    /// @param mayRefuse Whether a refusal counts; else the receiver is only told.
    /// @dev Bridge only. Reverts: NotAuthorised, ERC1155InvalidReceiver.
    function callReceiver(address to, uint256 batch, uint64 amount, bool mayRefuse) external;

    /// @notice Encumbers credits of the caller in favour of `lender`.
    /// @dev They stay in the caller's balance and cannot move, retire or be cancelled.
    /// @dev Reverts: EnforcedPause, ZeroAmount, UnknownBatch, UnknownAccount, ClosedAccount
    /// (caller, then lender), IdAlreadyUsed, InsufficientCredits, CreditsEncumbered.
    /// @dev Does not check that the lender agreed.
    function pledge(uint256 id, uint256 batch, uint64 amount, address lender) external;

    /// @notice Ends pledge `id` in favour of its holder.
    /// @dev Lender only. Not stopped by pause, freeze or a closed account.
    /// @dev Reverts: NotPledged, NotLender.
    function releasePledge(uint256 id) external;

    /// @notice Moves the credits of pledge `id` to its lender.
    /// @dev Lender only. Emits TransferSingle, then PledgeForeclosed.
    /// @dev Reverts: EnforcedPause, NotPledged, NotLender, UnknownAccount, ClosedAccount (holder,
    /// then lender), CreditsEncumbered (frozen ones do not move), ERC1155InvalidReceiver.
    function foreclose(uint256 id) external;

    /// @notice Ends pledge `id` by order, in favour of its holder.
    /// @dev Regulator only. Not stopped by pause.
    /// @dev Reverts: NotAuthorised, NotPledged, TextTooLong.
    function endPledge(uint256 id, string calldata reason) external;

    /// @notice Moves credits by order; says why. ERC-7943's form is this one with no reason.
    /// @dev Regulator only. Not stopped by pause. `from` may be closed. Frozen credits move last,
    /// and frozen falls by what was taken of them: Frozen comes before TransferSingle, then
    /// ForcedTransfer, then ForcedTransferExplained. Pledged credits do not move.
    /// @dev Reverts: NotAuthorised, ZeroAmount, UnknownBatch, UnknownAccount (from),
    /// UnknownAccount, ClosedAccount (to), TextTooLong, InsufficientCredits, CreditsEncumbered
    /// (balance - pledged is less than the amount), ERC1155InvalidReceiver.
    /// @dev ERC-7943's setFrozenTokens is for the regulator too and not stopped by pause: the
    /// amount is absolute, may exceed the balance, 0 lifts it; a closed account can be frozen.
    /// It reverts: NotAuthorised, UnknownBatch, UnknownAccount, AmountTooLarge.
    function forcedTransfer(
        address from,
        address to,
        uint256 batch,
        uint256 amount,
        string calldata reason
    ) external returns (bool result);

    /// @notice Stops what says EnforcedPause above.
    /// @dev Operator only. Reverts: NotAuthorised, EnforcedPause.
    function pause() external;

    /// @notice Lets it go on.
    /// @dev Operator only. Reverts: NotAuthorised, ExpectedPause.
    function unpause() external;

    /// @notice The registry's name.
    function name() external view returns (string memory);

    /// @notice Whether holders retire in one step.
    function native() external view returns (bool);

    /// @notice The batch's totals; all 0 for an unknown batch.
    function totalsOf(uint256 batch) external view returns (Totals memory);

    /// @notice The account's position in the batch. An address is a holder; an account with
    /// several addresses has one position for each.
    function holdingOf(
        uint256 batch,
        address account
    ) external view returns (Holding memory);

    /// @notice How the batch was issued; all 0 for an unknown batch.
    function batchOf(uint256 batch) external view returns (BatchRecord memory);

    /// @notice What stands under `id`; Kind.None if nothing ever did.
    function dispositionOf(uint256 id) external view returns (Disposition memory);

    /// @notice The intervals that `id` still holds, in the order in which they were taken.
    /// @dev Empty for pledges and for retirements in one step, whose intervals are in the event
    /// and under the certificate's digest.
    function intervalsOf(uint256 id) external view returns (Interval[] memory);

    /// @notice Which serials the next disposition of the batch comes from.
    /// @return cursor First gram never taken, or given back so that it counts as never taken.
    /// @return end End of the batch in its scope.
    /// @return stack Released intervals, the one to be taken first at the end.
    function releasedOf(
        uint256 batch
    ) external view returns (uint64 cursor, uint64 end, Interval[] memory stack);

    /// @notice What the account has retired of the batch, for good.
    function retiredBalanceOf(
        address account,
        uint256 batch
    ) external view returns (uint256);

    /// @notice Whether all of the batch is retired. False for an unknown batch.
    function isRetired(uint256 batch) external view returns (bool);

    /// @notice keccak256 of the batch's scope; zero for an unknown batch.
    function scopeOf(uint256 batch) external view returns (bytes32);

    /// @notice The contracts that this one asks.
    function config()
        external
        view
        returns (
            address authority,
            address directory,
            address projects,
            address guard,
            address certificate
        );
}
