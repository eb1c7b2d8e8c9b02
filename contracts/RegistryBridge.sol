// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
    ReentrancyGuardTransient
} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {BridgeGuards} from "./bridge/BridgeGuards.sol";
import {BridgeRecords} from "./bridge/BridgeRecords.sol";
import {IAmounts} from "./interfaces/IAmounts.sol";
import {IAuthority} from "./interfaces/IAuthority.sol";
import {ICarbonRegistry} from "./interfaces/ICarbonRegistry.sol";
import {IRegistryBridge} from "./interfaces/IRegistryBridge.sol";
import {AMOUNT_MAX, DEADLINE_MAX} from "./libraries/Constants.sol";
import {MessageDigest} from "./libraries/MessageDigest.sol";
import {Roles} from "./libraries/Roles.sol";
import {Interval} from "./types/Interval.sol";

/// @title Credits between one registry and others.
/// @dev The registry's own checks come first, in the call that changes its numbers; those against
/// peers, in BridgeGuards, follow.
contract RegistryBridge is BridgeGuards, ReentrancyGuardTransient {
    using Roles for IAuthority;
    using SafeCast for uint256;

    /// @dev What leaves: where to, what the registry took, and under what it is outstanding.
    struct Departure {
        uint256 id;
        uint256 batch;
        bytes32 target;
        address to;
        uint64 amount;
        uint64 start;
        uint64 end;
        uint16 vintage;
        bytes32 scope;
        bytes32 home;
        uint256 exportId;
        uint64 deadline;
        uint64 number;
        bool mirrored;
    }

    /// @dev What arrives as a batch of its own.
    struct Arrival {
        bytes32 source;
        bytes32 home;
        uint256 exportId;
        uint64 number;
        bool mirrored;
        uint64 hint;
    }

    constructor(
        IAuthority authority_,
        ICarbonRegistry credits_,
        string memory registry
    ) BridgeRecords(authority_, credits_, registry) {}

    /// @inheritdoc IRegistryBridge
    function admitPeer(PeerTerms calldata terms) external {
        authority.requireRole(Roles.OPERATOR, msg.sender);
        bytes32 name = keccak256(bytes(terms.name));
        if (name == self || terms.bridge == address(0)) revert UnknownPeer(name);
        if (terms.allowance > AMOUNT_MAX) revert IAmounts.AmountTooLarge(terms.allowance);
        Peer storage peer = _peers[name];
        if (peer.index == 0) {
            peer.index = ++_peersCount;
            _names[peer.index] = name;
        }
        _connect(name, peer, terms.chain.toUint96(), terms.bridge);
        (peer.signer, peer.allowance) = (terms.signer, terms.allowance);
        emit PeerAdmitted(
            name,
            terms.name,
            terms.chain,
            terms.bridge,
            terms.signer,
            terms.allowance
        );
    }

    /// @inheritdoc IRegistryBridge
    function send(SendOrder calldata order, uint64 deadline) external nonReentrant {
        Peer storage peer = _peerOf(order.target);
        if (deadline <= block.timestamp) {
            revert ICarbonRegistry.DeadlineTooEarly(deadline, uint64(block.timestamp));
        }
        uint64 latest = uint64(block.timestamp) + DEADLINE_MAX;
        if (deadline > latest) revert DeadlineTooLate(deadline, latest);
        Departure memory leaving = _departure(order);
        (leaving.deadline, leaving.number) = (deadline, ++peer.sent);
        _leave(leaving, peer, order.hint);
        _messages[order.id] = MessageDigest.ofMessage(
            _messageOf(leaving, peer),
            leaving.scope
        );
        _sayExported(leaving);
    }

    /// @inheritdoc IRegistryBridge
    function move(SendOrder calldata order) external nonReentrant {
        Peer storage peer = _peerOf(order.target);
        if (peer.chain != block.chainid) revert PeerOnAnotherChain(order.target);
        Departure memory leaving = _departure(order);
        _leave(leaving, peer, order.hint);
        _sayExported(leaving);
        Message memory message = _messageOf(leaving, peer);
        if (leaving.home == self) {
            if (keccak256(bytes(order.scope)) != leaving.scope) {
                revert ICarbonRegistry.UnknownBatch(order.batch);
            }
            message.scope = order.scope;
        }
        IRegistryBridge(peer.bridge).arrive(message, order.hint);
    }

    /// @inheritdoc IRegistryBridge
    function arrive(Message calldata message, uint64 hint) external nonReentrant {
        Peer storage peer = _peerOf(message.source);
        if (peer.bridge != msg.sender || peer.chain != block.chainid) {
            revert UnknownPeer(message.source);
        }
        _requireForUs(message);
        _takeIn(message, 0, hint);
    }

    /// @inheritdoc IRegistryBridge
    function receiveMessage(
        Message calldata message,
        bytes calldata signature,
        uint64 hint
    ) external nonReentrant {
        bytes32 hash = _take(message, signature);
        if (block.timestamp > message.deadline) {
            revert MessageExpired(message.source, message.number, message.deadline);
        }
        _outcomes[hash] = Outcome.Imported;
        _takeIn(message, message.number, hint);
    }

    /// @inheritdoc IRegistryBridge
    function voidMessage(
        Message calldata message,
        bytes calldata signature
    ) external nonReentrant {
        bytes32 hash = _take(message, signature);
        if (block.timestamp <= message.deadline) {
            revert MessageNotExpired(message.source, message.number, message.deadline);
        }
        _outcomes[hash] = Outcome.Voided;
        emit MessageVoided(
            message.source,
            message.number,
            message.home,
            message.exportId,
            message.start,
            message.end
        );
    }

    /// @inheritdoc IRegistryBridge
    function acknowledge(uint256 id, bytes calldata signature) external nonReentrant {
        Export storage sent = _pending(id);
        _requireReceipt(id, Outcome.Imported, signature);
        sent.status = Status.Delivered;
        ICarbonRegistry.Disposition memory kept = credits.dispositionOf(id);
        emit ExportAcknowledged(
            id,
            kept.batch,
            kept.holder,
            sent.amount,
            _names[sent.peer],
            sent.number
        );
    }

    /// @inheritdoc IRegistryBridge
    function compensate(
        uint256 id,
        bytes calldata signature,
        uint64 hint
    ) external nonReentrant {
        Export storage sent = _pending(id);
        _requireVoided(id, signature);
        sent.status = Status.Compensated;
        (uint256 batch, address holder, Interval[] memory pieces) = credits.compensateExport(id);
        // What came back had arrived, whatever the receipt says.
        if (pieces.length == 0) revert NoPendingExport(id);
        uint64 amount = 0;
        for (uint256 i = 0; i < pieces.length; ++i) {
            amount += pieces[i].span();
            _comeBack(id, batch, holder, pieces[i], hint);
        }
        _callReceiver(holder, batch, amount, false);
    }

    /// @inheritdoc IRegistryBridge
    function mirror(MirrorOrder calldata order) external nonReentrant {
        authority.requireRole(Roles.OPERATOR, msg.sender);
        _peerOf(order.source);
        _import(
            ICarbonRegistry.ImportOrder({
                to: order.to,
                amount: order.amount,
                start: order.start,
                vintage: order.vintage,
                scope: order.scope
            }),
            Arrival({
                source: order.source,
                home: order.source,
                exportId: order.lock,
                number: 0,
                mirrored: true,
                hint: order.hint
            })
        );
    }

    /// @inheritdoc IRegistryBridge
    function unmirror(
        uint256 id,
        uint256 batch,
        uint64 amount,
        uint64 hint
    ) external nonReentrant {
        Lot storage lot = _lots[batch];
        if (!lot.mirrored) revert NotMirrored(batch);
        Departure memory leaving;
        (leaving.id, leaving.batch, leaving.amount) = (id, batch, amount);
        (leaving.home, leaving.exportId) = (_names[lot.home], lot.exportId);
        (leaving.target, leaving.mirrored) = (leaving.home, true);
        _leave(leaving, _peers[leaving.home], hint);
        _sayExported(leaving);
    }

    function _import(
        ICarbonRegistry.ImportOrder memory order,
        Arrival memory from
    ) private {
        uint256 batch = credits.importCredits(order);
        // Whoever is not home itself may not say what is outstanding under the home's exports.
        if (from.home != from.source) revert UnknownPeer(from.home);
        _requireAllowed(from.home, order.amount);
        Peer storage home = _peers[from.home];
        home.outstanding += order.amount;
        uint64 end = order.start + order.amount;
        _claim(keccak256(bytes(order.scope)), order.start, end, from.hint, from.home);
        _lots[batch] = Lot(home.index, from.mirrored, from.exportId);
        _sayImported(batch, order, from);
        _callReceiver(order.to, batch, order.amount, true);
    }

    /// @dev Checks a message and takes its number, for good.
    function _take(
        Message calldata message,
        bytes calldata signature
    ) private returns (bytes32 hash) {
        Peer storage peer = _peerOf(message.source);
        _requireForUs(message);
        hash = messageHash(message);
        _requireAttested(message, hash, signature);
        _requireInterval(message);
        _requireNext(message);
        peer.taken = message.number;
    }

    /// @param number Of the message; 0 of a move, whatever its source's bridge says.
    function _takeIn(Message calldata message, uint64 number, uint64 hint) private {
        if (message.home != self) {
            _import(_orderOf(message), _arrivalOf(message, number, hint));
            return;
        }
        uint256 batch = _takeBack(message);
        emit CreditsReturned(
            message.exportId,
            batch,
            message.to,
            message.source,
            number,
            message.start,
            message.end
        );
        _callReceiver(message.to, batch, _amountOf(message), true);
    }

    /// @dev Credits leave the registry, and what was outstanding here is so no more.
    function _leave(Departure memory leaving, Peer storage peer, uint64 hint) private {
        (Interval taken, uint16 vintage, bytes32 scope) = credits.exportCredits(
            leaving.id,
            leaving.batch,
            msg.sender,
            leaving.amount
        );
        (leaving.start, leaving.end) = (taken.start(), taken.end());
        (leaving.vintage, leaving.scope) = (vintage, scope);
        bool ours = leaving.home == self;
        _exports[leaving.id] = Export({
            peer: peer.index,
            status: leaving.number == 0 ? Status.Delivered : Status.Pending,
            ours: ours,
            number: leaving.number,
            deadline: leaving.deadline,
            amount: leaving.amount
        });
        if (ours) return;
        _peers[leaving.home].outstanding -= leaving.amount;
        _free(scope, leaving.start, leaving.end, hint);
    }

    function _comeBack(
        uint256 id,
        uint256 batch,
        address holder,
        Interval piece,
        uint64 hint
    ) private {
        Lot storage lot = _lots[batch];
        Export storage sent = _exports[id];
        bytes32 home = self;
        uint256 exportId = id;
        if (lot.home != 0) {
            (home, exportId) = (_names[lot.home], lot.exportId);
            _peers[home].outstanding += piece.span();
            _claim(credits.scopeOf(batch), piece.start(), piece.end(), hint, home);
        }
        emit ExportCompensated(
            id,
            batch,
            holder,
            piece.span(),
            piece.start(),
            piece.end(),
            _names[sent.peer],
            home,
            exportId,
            sent.number
        );
    }

    function _sayExported(Departure memory leaving) private {
        emit CreditsExported(
            leaving.id,
            leaving.batch,
            msg.sender,
            leaving.target,
            leaving.to,
            leaving.amount,
            leaving.start,
            leaving.end,
            leaving.home,
            leaving.exportId,
            leaving.deadline,
            leaving.number,
            leaving.mirrored
        );
    }

    function _sayImported(
        uint256 batch,
        ICarbonRegistry.ImportOrder memory order,
        Arrival memory from
    ) private {
        emit CreditsImported(
            batch,
            order.to,
            from.source,
            from.home,
            from.exportId,
            from.number,
            order.scope,
            order.start,
            order.start + order.amount,
            order.vintage,
            from.mirrored
        );
    }

    /// @dev Most receivers have no code, and nobody need be asked.
    function _callReceiver(
        address to,
        uint256 batch,
        uint64 amount,
        bool mayRefuse
    ) private {
        if (to.code.length > 0) credits.callReceiver(to, batch, amount, mayRefuse);
    }

    function _departure(
        SendOrder calldata order
    ) private view returns (Departure memory leaving) {
        (leaving.id, leaving.batch, leaving.target) = (order.id, order.batch, order.target);
        (leaving.to, leaving.amount) = (order.to, order.amount);
        (leaving.home, leaving.exportId) = (self, order.id);
        Lot storage lot = _lots[order.batch];
        if (lot.home == 0) return leaving;
        if (lot.mirrored) revert MirrorOnly(order.batch);
        (leaving.home, leaving.exportId) = (_names[lot.home], lot.exportId);
        if (order.target != leaving.home) revert NotHome(order.batch, leaving.home);
    }

    /// @dev All but the text of the scope.
    function _messageOf(
        Departure memory leaving,
        Peer storage peer
    ) private view returns (Message memory message) {
        (message.source, message.target) = (self, leaving.target);
        (message.sourceChain, message.sourceBridge) = (block.chainid, address(this));
        (message.targetChain, message.targetBridge) = (peer.chain, peer.bridge);
        (message.id, message.number) = (leaving.id, leaving.number);
        (message.home, message.exportId) = (leaving.home, leaving.exportId);
        (message.start, message.end) = (leaving.start, leaving.end);
        (message.vintage, message.to) = (leaving.vintage, leaving.to);
        message.deadline = leaving.deadline;
    }

    /// @dev Internal, as a bridge without a guard needs it too.
    function _orderOf(
        Message calldata message
    ) internal pure returns (ICarbonRegistry.ImportOrder memory) {
        return
            ICarbonRegistry.ImportOrder({
                to: message.to,
                amount: _amountOf(message),
                start: message.start,
                vintage: message.vintage,
                scope: message.scope
            });
    }

    function _arrivalOf(
        Message calldata message,
        uint64 number,
        uint64 hint
    ) private pure returns (Arrival memory) {
        return
            Arrival({
                source: message.source,
                home: message.home,
                exportId: message.exportId,
                number: number,
                mirrored: false,
                hint: hint
            });
    }
}
