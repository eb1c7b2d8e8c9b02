// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";
import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";
import {ERC1155Utils} from "@openzeppelin/contracts/token/ERC1155/utils/ERC1155Utils.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {
    ReentrancyGuardTransient
} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {IAccountDirectory} from "./interfaces/IAccountDirectory.sol";
import {IAmounts} from "./interfaces/IAmounts.sol";
import {IAuthority} from "./interfaces/IAuthority.sol";
import {ICarbonRegistry} from "./interfaces/ICarbonRegistry.sol";
import {IERC7943MultiToken} from "./interfaces/IERC7943.sol";
import {IProjectRegistry} from "./interfaces/IProjectRegistry.sol";
import {IRetirementCertificate} from "./interfaces/IRetirementCertificate.sol";
import {ISerialGuard} from "./interfaces/ISerialGuard.sol";
import {Callback} from "./libraries/Callback.sol";
import {AMOUNT_MAX, EX_ANTE, NO_START, TEXT_MAX} from "./libraries/Constants.sol";
import {RetirementDigest} from "./libraries/RetirementDigest.sol";
import {Roles} from "./libraries/Roles.sol";
import {SerialLedger} from "./libraries/SerialLedger.sol";
import {Interval, interval} from "./types/Interval.sol";

/// @title One registry's credits: ERC-1155 tokens, one id per batch.
/// @dev Every state change has one shape: checks, numbers, event, outside call last.
contract CarbonRegistry is
    ICarbonRegistry,
    IAmounts,
    IERC7943MultiToken,
    ERC1155,
    Pausable,
    ReentrancyGuardTransient
{
    using Roles for IAuthority;
    using SerialLedger for SerialLedger.Batch;
    using SerialLedger for SerialLedger.Record;

    /// @inheritdoc ICarbonRegistry
    bool public immutable native;

    IAuthority private immutable _authority;
    IAccountDirectory private immutable _directory;
    IProjectRegistry private immutable _projects;
    ISerialGuard private immutable _guard;
    IRetirementCertificate private immutable _certificate;

    /// @inheritdoc ICarbonRegistry
    string public name;

    mapping(uint256 batch => SerialLedger.Batch) private _batches;
    mapping(uint256 batch => mapping(address holder => Holding)) private _positions;
    mapping(uint256 id => SerialLedger.Record) private _records;
    uint256 private _imports;

    /// @dev Where credits are. Active ones are in balances.
    enum Place {
        Active,
        Locked,
        Retired,
        Cancelled,
        Exported
    }

    constructor(Config memory config_) ERC1155("") {
        name = config_.name;
        native = config_.native;
        _authority = IAuthority(config_.authority);
        _directory = IAccountDirectory(config_.directory);
        _projects = IProjectRegistry(config_.projects);
        _guard = ISerialGuard(config_.guard);
        _certificate = IRetirementCertificate(config_.certificate);
        emit RegistryOpened(config_.name, config_.native);
    }

    /// @inheritdoc ICarbonRegistry
    function issue(IssueOrder calldata order) external nonReentrant whenNotPaused {
        _requireRole(Roles.ISSUER);
        _issue(order);
        _ask(address(0), order.to, order.batch, order.amount);
    }

    /// @inheritdoc ICarbonRegistry
    function issueMany(IssueOrder[] calldata orders) external nonReentrant whenNotPaused {
        _requireRole(Roles.ISSUER);
        for (uint256 i = 0; i < orders.length; ++i) _issue(orders[i]);
        for (uint256 i = 0; i < orders.length; ++i) {
            _ask(address(0), orders[i].to, orders[i].batch, orders[i].amount);
        }
    }

    /// @inheritdoc ICarbonRegistry
    function transferMany(TransferOrder[] calldata orders) external nonReentrant whenNotPaused {
        for (uint256 i = 0; i < orders.length; ++i) {
            TransferOrder calldata order = orders[i];
            _checkTransfer(msg.sender, order.to, order.batch, order.amount);
            _move(msg.sender, order.to, order.batch, order.amount);
        }
        for (uint256 i = 0; i < orders.length; ++i) {
            _ask(msg.sender, orders[i].to, orders[i].batch, orders[i].amount);
        }
    }

    /// @inheritdoc IERC1155
    function safeTransferFrom(
        address from,
        address to,
        uint256 batch,
        uint256 amount,
        bytes memory data
    ) public override nonReentrant {
        _checkAuthorized(msg.sender, from);
        _requireNotPaused();
        _checkTransfer(from, to, batch, amount);
        _move(from, to, batch, uint64(amount));
        ERC1155Utils.checkOnERC1155Received(msg.sender, from, to, batch, amount, data);
    }

    /// @inheritdoc IERC1155
    function safeBatchTransferFrom(
        address from,
        address to,
        uint256[] memory batches,
        uint256[] memory amounts,
        bytes memory data
    ) public override nonReentrant {
        _checkAuthorized(msg.sender, from);
        _requireNotPaused();
        if (batches.length != amounts.length) {
            revert ERC1155InvalidArrayLength(batches.length, amounts.length);
        }
        if (batches.length == 0) revert ZeroAmount();
        for (uint256 i = 0; i < batches.length; ++i) {
            _checkTransfer(from, to, batches[i], amounts[i]);
            _shift(from, to, batches[i], uint64(amounts[i]));
        }
        emit TransferBatch(msg.sender, from, to, batches, amounts);
        ERC1155Utils.checkOnERC1155BatchReceived(msg.sender, from, to, batches, amounts, data);
    }

    /// @inheritdoc ICarbonRegistry
    function retire(RetireOrder calldata order) external nonReentrant whenNotPaused {
        _requireNative();
        _retire(order);
    }

    /// @inheritdoc ICarbonRegistry
    function retireMany(RetireOrder[] calldata orders) external nonReentrant whenNotPaused {
        _requireNative();
        for (uint256 i = 0; i < orders.length; ++i) _retire(orders[i]);
    }

    /// @inheritdoc ICarbonRegistry
    function requestRetirement(
        RetireOrder calldata order,
        uint64 deadline
    ) external nonReentrant whenNotPaused {
        _requireAmount(order.amount);
        if (deadline <= block.timestamp) {
            revert DeadlineTooEarly(deadline, uint64(block.timestamp));
        }
        _checkDisposition(order.id, order.batch, msg.sender, order.amount, true);
        _requireClaim(order.claim);
        SerialLedger.Record storage record = _records[order.id];
        (record.deadline, record.claim) = (deadline, RetirementDigest.ofClaim(order.claim));
        Interval[] memory intervals = _hold(
            order.id,
            order.batch,
            msg.sender,
            order.amount,
            Kind.Request
        );
        emit RetirementRequested(
            order.id,
            order.batch,
            msg.sender,
            order.amount,
            deadline,
            intervals,
            order.claim
        );
    }

    /// @inheritdoc ICarbonRegistry
    function finaliseRetirement(uint256 id) external nonReentrant whenNotPaused {
        _requireRole(Roles.OPERATOR);
        SerialLedger.Record storage record = _pending(id);
        (uint256 batch, address holder, uint64 amount) = _partsOf(record);
        _requireOpen(holder);
        uint64 frozen = _positions[batch][holder].frozen;
        if (frozen > 0) revert HolderFrozen(batch, holder, frozen);
        if (block.timestamp > record.deadline) revert DeadlinePassed(id, record.deadline);
        record.kind = Kind.Retirement;
        _tally(batch, Place.Locked, Place.Retired, amount);
        _positions[batch][holder].retired += amount;
        Interval[] memory intervals = record.heldBy();
        emit RetirementFinalised(id, batch, holder, amount, intervals);
        _certify(id, batch, holder, amount, intervals, record.claim);
    }

    /// @inheritdoc ICarbonRegistry
    function revertRetirement(uint256 id, string calldata reason) external nonReentrant {
        SerialLedger.Record storage record = _pending(id);
        if (block.timestamp <= record.deadline) _requireRole(Roles.OPERATOR);
        _requireText(reason);
        (uint256 batch, address holder, uint64 amount) = _partsOf(record);
        Interval[] memory intervals = _giveBack(id, holder, amount, NO_START);
        emit RetirementReverted(id, batch, holder, amount, intervals, reason);
        Callback.tell(holder, batch, amount);
    }

    /// @inheritdoc ICarbonRegistry
    function cancel(
        uint256 id,
        uint256 batch,
        uint64 amount,
        string calldata reason
    ) external nonReentrant whenNotPaused {
        _checkDisposition(id, batch, msg.sender, amount, false);
        _requireText(reason);
        Interval[] memory intervals = _hold(id, batch, msg.sender, amount, Kind.Cancellation);
        emit CreditsCancelled(id, batch, msg.sender, amount, intervals, reason);
    }

    /// @inheritdoc ICarbonRegistry
    function lock(
        uint256 id,
        uint256 batch,
        address holder,
        uint64 amount,
        string calldata reason
    ) external nonReentrant whenNotPaused {
        _requireRole(Roles.OPERATOR);
        _checkDisposition(id, batch, holder, amount, false);
        _requireText(reason);
        Interval[] memory intervals = _hold(id, batch, holder, amount, Kind.Lock);
        emit CreditsLocked(id, batch, holder, amount, intervals, reason);
    }

    /// @inheritdoc ICarbonRegistry
    function release(uint256 id, uint64 amount) external nonReentrant {
        _release(id, amount, NO_START);
    }

    /// @inheritdoc ICarbonRegistry
    function releaseInterval(uint256 id, uint64 start, uint64 amount) external nonReentrant {
        _release(id, amount, start);
    }

    /// @inheritdoc ICarbonRegistry
    function exportCredits(
        uint256 id,
        uint256 batch,
        address holder,
        uint64 amount
    )
        external
        nonReentrant
        whenNotPaused
        returns (Interval taken, uint16 vintage, bytes32 scope)
    {
        _requireRole(Roles.BRIDGE);
        _checkDisposition(id, batch, holder, amount, true);
        taken = _hold(id, batch, holder, amount, Kind.Export)[0];
        SerialLedger.Batch storage kept = _batches[batch];
        (vintage, scope) = (kept.vintage, kept.scope);
    }

    /// @inheritdoc ICarbonRegistry
    function importCredits(
        ImportOrder calldata order
    ) external nonReentrant whenNotPaused returns (uint256 batch) {
        _requireRole(Roles.BRIDGE);
        _requireRange(order.start, order.amount);
        _requireOpen(order.to);
        _requireText(order.scope);
        batch = ++_imports;
        bytes32 scope = keccak256(bytes(order.scope));
        _create(batch, order.to, order.amount, order.start, order.vintage, scope);
    }

    /// @inheritdoc ICarbonRegistry
    function returnCredits(
        uint256 id,
        uint64 start,
        uint64 amount,
        address to
    ) external nonReentrant whenNotPaused returns (uint256) {
        _requireRole(Roles.BRIDGE);
        _requireAmount(amount);
        _requireOpen(to);
        SerialLedger.Record storage record = _records[id];
        if (record.kind != Kind.Export) revert NotOutstanding(id, start, start + amount);
        _giveBack(id, to, amount, start);
        return record.batch;
    }

    /// @inheritdoc ICarbonRegistry
    function compensateExport(
        uint256 id
    )
        external
        nonReentrant
        returns (uint256 batch, address holder, Interval[] memory pieces)
    {
        _requireRole(Roles.BRIDGE);
        SerialLedger.Record storage record = _records[id];
        if (record.kind != Kind.Export) revert NotOutstanding(id, 0, 0);
        uint64 amount;
        (batch, holder, amount) = _partsOf(record);
        pieces = _giveBack(id, holder, amount, NO_START);
    }

    /// @inheritdoc ICarbonRegistry
    function callReceiver(
        address to,
        uint256 batch,
        uint64 amount,
        bool mayRefuse
    ) external nonReentrant {
        _requireRole(Roles.BRIDGE);
        if (mayRefuse) _ask(address(0), to, batch, amount);
        else Callback.tell(to, batch, amount);
    }

    /// @inheritdoc ICarbonRegistry
    function pledge(
        uint256 id,
        uint256 batch,
        uint64 amount,
        address lender
    ) external nonReentrant whenNotPaused {
        _requireAmount(amount);
        _requireBatch(batch);
        _requireBothOpen(msg.sender, lender);
        _requireUnused(id);
        _requireCredits(batch, msg.sender, amount, true, true);
        SerialLedger.Record storage record = _record(id, batch, msg.sender, amount, Kind.Pledge);
        record.lender = lender;
        _positions[batch][msg.sender].pledged += amount;
        emit CreditsPledged(id, batch, msg.sender, lender, amount);
    }

    /// @inheritdoc ICarbonRegistry
    function releasePledge(uint256 id) external nonReentrant {
        SerialLedger.Record storage record = _pledged(id);
        address lender = _requireLender(id, record);
        (uint256 batch, address holder, uint64 amount) = _endPledge(record);
        emit PledgeReleased(id, batch, holder, lender, amount);
    }

    /// @inheritdoc ICarbonRegistry
    function foreclose(uint256 id) external nonReentrant whenNotPaused {
        SerialLedger.Record storage record = _pledged(id);
        address lender = _requireLender(id, record);
        _requireBothOpen(record.holder, lender);
        _requireCredits(record.batch, record.holder, record.amount, false, true);
        (uint256 batch, address holder, uint64 amount) = _endPledge(record);
        _move(holder, lender, batch, amount);
        emit PledgeForeclosed(id, batch, holder, lender, amount);
        _ask(holder, lender, batch, amount);
    }

    /// @inheritdoc ICarbonRegistry
    function endPledge(uint256 id, string calldata reason) external nonReentrant {
        _requireRole(Roles.REGULATOR);
        SerialLedger.Record storage record = _pledged(id);
        _requireText(reason);
        (uint256 batch, address holder, uint64 amount) = _endPledge(record);
        emit PledgeEnded(id, batch, holder, record.lender, amount, reason);
    }

    /// @inheritdoc IERC7943MultiToken
    function setFrozenTokens(
        address account,
        uint256 batch,
        uint256 amount
    ) external nonReentrant returns (bool) {
        _requireRole(Roles.REGULATOR);
        _requireBatch(batch);
        _requireKnown(account);
        if (amount > AMOUNT_MAX) revert AmountTooLarge(amount);
        _freeze(account, batch, uint64(amount));
        return true;
    }

    /// @inheritdoc IERC7943MultiToken
    function forcedTransfer(
        address from,
        address to,
        uint256 batch,
        uint256 amount
    ) external nonReentrant returns (bool) {
        return _forceTransfer(from, to, batch, amount, "");
    }

    /// @inheritdoc ICarbonRegistry
    function forcedTransfer(
        address from,
        address to,
        uint256 batch,
        uint256 amount,
        string calldata reason
    ) external nonReentrant returns (bool) {
        return _forceTransfer(from, to, batch, amount, reason);
    }

    /// @inheritdoc ICarbonRegistry
    function pause() external {
        _requireRole(Roles.OPERATOR);
        _pause();
    }

    /// @inheritdoc ICarbonRegistry
    function unpause() external {
        _requireRole(Roles.OPERATOR);
        _unpause();
    }

    /// @inheritdoc ICarbonRegistry
    function totalsOf(uint256 batch) external view returns (Totals memory totals) {
        SerialLedger.Batch storage kept = _batches[batch];
        totals.issued = kept.issued;
        totals.locked = kept.locked;
        totals.retired = kept.retired;
        totals.cancelled = kept.cancelled;
        totals.exported = kept.exported;
        totals.active =
            totals.issued -
            totals.locked -
            totals.retired -
            totals.cancelled -
            totals.exported;
    }

    /// @inheritdoc ICarbonRegistry
    function holdingOf(
        uint256 batch,
        address account
    ) external view returns (Holding memory) {
        return _positions[batch][account];
    }

    /// @inheritdoc ICarbonRegistry
    function batchOf(uint256 batch) external view returns (BatchRecord memory record) {
        SerialLedger.Batch storage kept = _batches[batch];
        record.issued = kept.issued;
        record.start = kept.end - kept.issued;
        record.vintage = kept.vintage;
        record.scope = kept.scope;
        record.statement = kept.statement;
    }

    /// @inheritdoc ICarbonRegistry
    function dispositionOf(uint256 id) external view returns (Disposition memory found) {
        SerialLedger.Record storage record = _records[id];
        found.kind = record.kind;
        found.holder = record.holder;
        found.amount = record.amount;
        found.batch = record.batch;
        found.lender = record.lender;
        found.deadline = record.deadline;
        found.claim = record.claim;
        if (found.kind == Kind.None && _certificate.exists(id)) found.kind = Kind.Retirement;
    }

    /// @inheritdoc ICarbonRegistry
    function intervalsOf(uint256 id) external view returns (Interval[] memory) {
        return _records[id].heldBy();
    }

    /// @inheritdoc ICarbonRegistry
    function releasedOf(
        uint256 batch
    ) external view returns (uint64 cursor, uint64 end, Interval[] memory stack) {
        SerialLedger.Batch storage kept = _batches[batch];
        return (kept.cursor, kept.end, kept.stackOf());
    }

    /// @inheritdoc ICarbonRegistry
    function retiredBalanceOf(
        address account,
        uint256 batch
    ) external view returns (uint256) {
        return _positions[batch][account].retired;
    }

    /// @inheritdoc ICarbonRegistry
    function isRetired(uint256 batch) external view returns (bool) {
        SerialLedger.Batch storage kept = _batches[batch];
        return kept.issued > 0 && kept.retired == kept.issued;
    }

    /// @inheritdoc ICarbonRegistry
    function scopeOf(uint256 batch) external view returns (bytes32) {
        return _batches[batch].scope;
    }

    /// @inheritdoc ICarbonRegistry
    function config() external view returns (address, address, address, address, address) {
        return (
            address(_authority),
            address(_directory),
            address(_projects),
            address(_guard),
            address(_certificate)
        );
    }

    /// @inheritdoc IERC7943MultiToken
    function canSend(address account) external view returns (bool) {
        return _isOpen(account);
    }

    /// @inheritdoc IERC7943MultiToken
    function canReceive(address account) external view returns (bool) {
        return _isOpen(account);
    }

    /// @inheritdoc IERC7943MultiToken
    function getFrozenTokens(address account, uint256 batch) external view returns (uint256) {
        return _positions[batch][account].frozen;
    }

    /// @inheritdoc IERC7943MultiToken
    function canTransfer(
        address from,
        address to,
        uint256 batch,
        uint256 amount
    ) external view returns (bool) {
        Holding memory held = _positions[batch][from];
        return
            !paused() &&
            amount > 0 &&
            amount <= held.balance &&
            // No overflow: four 64-bit numbers at most.
            amount + held.pledged + held.frozen <= held.balance &&
            _isOpen(from) &&
            _isOpen(to);
    }

    /// @inheritdoc IERC1155
    function balanceOf(
        address account,
        uint256 batch
    ) public view override returns (uint256) {
        return _positions[batch][account].balance;
    }

    /// @inheritdoc IERC165
    function supportsInterface(
        bytes4 interfaceId
    ) public view override(ERC1155, IERC165) returns (bool) {
        return
            interfaceId == type(IERC7943MultiToken).interfaceId ||
            super.supportsInterface(interfaceId);
    }

    function _issue(IssueOrder calldata order) private {
        (uint256 batch, uint64 start, uint64 amount) = (order.batch, order.start, order.amount);
        uint64 end = _requireRange(start, amount);
        if (_batches[batch].end != 0) revert BatchAlreadyIssued(batch);
        _requireOpen(order.to);
        _requireText(order.scope);
        if (batch & EX_ANTE == 0) {
            _projects.draw(order.statement, batch >> 128, order.vintage, amount);
            _batches[batch].statement = order.statement;
        } else if (order.statement != 0) {
            revert IProjectRegistry.UnknownStatement(order.statement);
        }
        bytes32 scope = keccak256(bytes(order.scope));
        _guard.claim(scope, start, end, order.hint);
        _create(batch, order.to, amount, start, order.vintage, scope);
        emit BatchIssued(
            batch,
            order.to,
            order.statement,
            order.vintage,
            amount,
            start,
            order.scope
        );
    }

    function _create(
        uint256 batch,
        address to,
        uint64 amount,
        uint64 start,
        uint16 vintage,
        bytes32 scope
    ) private {
        SerialLedger.Batch storage kept = _batches[batch];
        (kept.cursor, kept.end, kept.vintage) = (start, start + amount, vintage);
        (kept.issued, kept.scope) = (amount, scope);
        _move(address(0), to, batch, amount);
    }

    function _retire(RetireOrder calldata order) private {
        (uint256 id, uint256 batch, uint64 amount) = (order.id, order.batch, order.amount);
        _checkDisposition(id, batch, msg.sender, amount, true);
        _requireClaim(order.claim);
        _requireCredits(batch, msg.sender, amount, true, true);
        Interval[] memory intervals = _take(batch, amount, false);
        _tally(batch, Place.Active, Place.Retired, amount);
        _positions[batch][msg.sender].retired += amount;
        _move(msg.sender, address(0), batch, amount);
        emit CreditsRetired(id, batch, msg.sender, amount, intervals, order.claim);
        bytes32 claim = RetirementDigest.ofClaim(order.claim);
        _certify(id, batch, msg.sender, amount, intervals, claim);
    }

    /// @dev With nothing released all comes from the cursor. That is the usual case, and saves
    /// some 4,400 gas against asking the linked library.
    function _take(
        uint256 batch,
        uint64 amount,
        bool whole
    ) private returns (Interval[] memory intervals) {
        SerialLedger.Batch storage kept = _batches[batch];
        if (kept.stacked != 0) return kept.take(batch, amount, whole);
        uint64 cursor = kept.cursor;
        // Within the batch, as its active total covers the amount.
        kept.cursor = cursor + amount;
        intervals = new Interval[](1);
        intervals[0] = interval(cursor, cursor + amount);
    }

    /// @dev Takes credits out of active and keeps their intervals under `id`.
    function _hold(
        uint256 id,
        uint256 batch,
        address holder,
        uint64 amount,
        Kind kind
    ) private returns (Interval[] memory intervals) {
        _requireCredits(batch, holder, amount, true, true);
        SerialLedger.Record storage record = _record(id, batch, holder, amount, kind);
        intervals = _take(batch, amount, kind == Kind.Export);
        for (uint256 i = 0; i < intervals.length; ++i) record.pieces[i] = intervals[i];
        // At most MAX_PIECES.
        record.tail = uint8(intervals.length);
        Place place = Place.Locked;
        if (kind == Kind.Cancellation) place = Place.Cancelled;
        else if (kind == Kind.Export) place = Place.Exported;
        _tally(batch, Place.Active, place, amount);
        _move(holder, address(0), batch, amount);
    }

    /// @dev Puts credits that are locked or exported under `id` back into active.
    function _giveBack(
        uint256 id,
        address to,
        uint64 amount,
        uint64 start
    ) private returns (Interval[] memory intervals) {
        SerialLedger.Record storage record = _records[id];
        uint256 batch = record.batch;
        intervals = _batches[batch].giveBack(record, id, amount, start);
        Place place = record.kind == Kind.Export ? Place.Exported : Place.Locked;
        _tally(batch, place, Place.Active, amount);
        _move(address(0), to, batch, amount);
    }

    function _release(uint256 id, uint64 amount, uint64 start) private {
        _requireRole(Roles.OPERATOR);
        _requireAmount(amount);
        SerialLedger.Record storage record = _records[id];
        (uint256 batch, address holder, uint64 locked) = _partsOf(record);
        if (record.kind != Kind.Lock || locked == 0) revert NotLocked(id);
        if (locked < amount) revert AboveLockedAmount(id, locked, amount);
        Interval[] memory intervals = _giveBack(id, holder, amount, start);
        emit CreditsReleased(id, batch, holder, amount, intervals);
        Callback.tell(holder, batch, amount);
    }

    function _endPledge(
        SerialLedger.Record storage record
    ) private returns (uint256 batch, address holder, uint64 amount) {
        (batch, holder, amount) = _partsOf(record);
        record.amount = 0;
        _positions[batch][holder].pledged -= amount;
    }

    function _forceTransfer(
        address from,
        address to,
        uint256 batch,
        uint256 amount,
        string memory reason
    ) private returns (bool) {
        _requireRole(Roles.REGULATOR);
        _requireAmount(amount);
        _requireBatch(batch);
        _requireKnown(from);
        _requireOpen(to);
        _requireLength(bytes(reason).length);
        _requireCredits(batch, from, amount, true, false);
        Holding memory held = _positions[batch][from];
        uint64 unfrozen = held.frozen < held.balance ? held.balance - held.frozen : 0;
        if (amount > unfrozen) {
            // Frozen may be above the balance: what was taken of it is not more than it.
            _freeze(from, batch, held.frozen - (uint64(amount) - unfrozen));
        }
        _move(from, to, batch, uint64(amount));
        emit ForcedTransfer(from, to, batch, amount);
        emit ForcedTransferExplained(reason);
        _ask(from, to, batch, amount);
        return true;
    }

    function _freeze(address account, uint256 batch, uint64 amount) private {
        _positions[batch][account].frozen = amount;
        emit Frozen(account, batch, amount);
    }

    function _record(
        uint256 id,
        uint256 batch,
        address holder,
        uint64 amount,
        Kind kind
    ) private returns (SerialLedger.Record storage record) {
        record = _records[id];
        (record.holder, record.amount, record.kind) = (holder, amount, kind);
        record.batch = batch;
    }

    /// @dev The one place where amounts move between a batch's totals (C1). Active is not stored:
    /// it is what the others leave of issued, and balances must add up to it.
    function _tally(uint256 batch, Place from, Place to, uint64 amount) private {
        SerialLedger.Batch storage kept = _batches[batch];
        if (from == Place.Locked) kept.locked -= amount;
        else if (from == Place.Exported) kept.exported -= amount;
        if (to == Place.Locked) kept.locked += amount;
        else if (to == Place.Retired) kept.retired += amount;
        else if (to == Place.Cancelled) kept.cancelled += amount;
        else if (to == Place.Exported) kept.exported += amount;
    }

    /// @dev The one place where balances change. Reverts with Panic if a check was forgotten.
    function _shift(address from, address to, uint256 batch, uint64 amount) private {
        if (from != address(0)) _positions[batch][from].balance -= amount;
        if (to != address(0)) _positions[batch][to].balance += amount;
    }

    function _move(address from, address to, uint256 batch, uint64 amount) private {
        _shift(from, to, batch, amount);
        emit TransferSingle(msg.sender, from, to, batch, amount);
    }

    function _certify(
        uint256 id,
        uint256 batch,
        address holder,
        uint64 amount,
        Interval[] memory intervals,
        bytes32 claim
    ) private {
        bytes32 digest = RetirementDigest.ofRetirement(
            address(this),
            id,
            batch,
            holder,
            intervals,
            amount,
            claim
        );
        _certificate.mint(holder, id, digest);
    }

    /// @dev A receiver with code may refuse.
    function _ask(address from, address to, uint256 batch, uint256 amount) private {
        ERC1155Utils.checkOnERC1155Received(msg.sender, from, to, batch, amount, "");
    }

    function _checkTransfer(
        address from,
        address to,
        uint256 batch,
        uint256 amount
    ) private view {
        _requireAmount(amount);
        _requireBatch(batch);
        _requireBothOpen(from, to);
        _requireCredits(batch, from, amount, true, true);
    }

    /// @dev What all dispositions check first. Texts and credits come after it.
    function _checkDisposition(
        uint256 id,
        uint256 batch,
        address holder,
        uint64 amount,
        bool asVerified
    ) private view {
        _requireAmount(amount);
        _requireBatch(batch);
        if (asVerified && batch & EX_ANTE != 0) revert ExAnteNotRetirable(batch);
        _requireOpen(holder);
        _requireUnused(id);
    }

    function _requireCredits(
        uint256 batch,
        address holder,
        uint256 amount,
        bool heedPledged,
        bool heedFrozen
    ) private view {
        Holding memory held = _positions[batch][holder];
        if (held.balance < amount) {
            revert InsufficientCredits(batch, holder, held.balance, amount);
        }
        uint256 needed = amount;
        if (heedPledged) needed += held.pledged;
        if (heedFrozen) needed += held.frozen;
        if (held.balance < needed) {
            revert CreditsEncumbered(
                batch,
                holder,
                held.balance,
                held.pledged,
                held.frozen,
                amount
            );
        }
    }

    function _requireUnused(uint256 id) private view {
        if (id == 0 || _records[id].kind != Kind.None || _certificate.exists(id)) {
            revert IdAlreadyUsed(id);
        }
    }

    function _requireRole(bytes32 role) private view {
        _authority.requireRole(role, msg.sender);
    }

    function _requireNative() private view {
        if (!native) revert RetirementNeedsRequest();
    }

    function _requireAmount(uint256 amount) private pure {
        if (amount == 0) revert ZeroAmount();
    }

    function _requireRange(uint64 start, uint64 amount) private pure returns (uint64) {
        _requireAmount(amount);
        if (amount > AMOUNT_MAX) revert AmountTooLarge(amount);
        uint256 end = uint256(start) + amount;
        if (end > AMOUNT_MAX) revert AmountTooLarge(end);
        return uint64(end);
    }

    function _requireBatch(uint256 batch) private view {
        // A batch is not empty, so it does not end at 0.
        if (_batches[batch].end == 0) revert UnknownBatch(batch);
    }

    function _isOpen(address holder) private view returns (bool) {
        return _directory.isOpen(holder);
    }

    function _requireOpen(address holder) private view {
        _directory.requireOpen(holder);
    }

    function _requireBothOpen(address source, address target) private view {
        _directory.requireBothOpen(source, target);
    }

    /// @dev A closed account will do.
    function _requireKnown(address holder) private view {
        if (_directory.accountOf(holder) == bytes32(0)) {
            revert IAccountDirectory.UnknownAccount(holder);
        }
    }

    function _requireClaim(IRetirementCertificate.Claim calldata claim) private pure {
        _requireText(claim.beneficiary);
        _requireText(claim.purpose);
        _requireText(claim.reason);
        _requireText(claim.period);
        _requireText(claim.jurisdiction);
    }

    function _requireText(string calldata text) private pure {
        _requireLength(bytes(text).length);
    }

    function _requireLength(uint256 length) private pure {
        if (length > TEXT_MAX) revert TextTooLong(length, TEXT_MAX);
    }

    function _requireLender(
        uint256 id,
        SerialLedger.Record storage record
    ) private view returns (address lender) {
        lender = record.lender;
        if (msg.sender != lender) revert NotLender(id, msg.sender);
    }

    function _pending(uint256 id) private view returns (SerialLedger.Record storage record) {
        record = _records[id];
        if (record.kind != Kind.Request || record.amount == 0) revert NoPendingRetirement(id);
    }

    function _pledged(uint256 id) private view returns (SerialLedger.Record storage record) {
        record = _records[id];
        if (record.kind != Kind.Pledge || record.amount == 0) revert NotPledged(id);
    }

    function _partsOf(
        SerialLedger.Record storage record
    ) private view returns (uint256 batch, address holder, uint64 amount) {
        return (record.batch, record.holder, record.amount);
    }
}
