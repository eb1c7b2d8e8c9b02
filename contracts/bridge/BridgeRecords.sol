// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IAuthority} from "../interfaces/IAuthority.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";
import {IRegistryBridge} from "../interfaces/IRegistryBridge.sol";
import {NO_HINT} from "../libraries/Constants.sol";
import {IntervalIndex} from "../libraries/IntervalIndex.sol";
import {MessageDigest} from "../libraries/MessageDigest.sol";
import {Interval} from "../types/Interval.sol";

/// @title What a bridge knows: its peers, what went to them, what came from them, what is here.
abstract contract BridgeRecords is IRegistryBridge, EIP712 {
    using IntervalIndex for IntervalIndex.List;

    /// @dev A peer is known if it has a bridge. `index` counts the peers from 1.
    struct Peer {
        address bridge;
        uint96 chain;
        uint64 allowance;
        uint64 outstanding;
        uint64 sent;
        uint64 taken;
        address signer;
        uint32 index;
    }

    /// @dev Of the messages to and from a bridge that a peer had before.
    struct Numbers {
        uint64 sent;
        uint64 taken;
    }

    /// @dev Where an imported batch came from: the home's index, 0 of any other batch.
    struct Lot {
        uint32 home;
        bool mirrored;
        uint256 exportId;
    }

    /// @param peer Index of the target.
    /// @param ours Whether the credits are the registry's own, so that they can come back.
    struct Export {
        uint32 peer;
        Status status;
        bool ours;
        uint64 number;
        uint64 deadline;
        uint64 amount;
    }

    IAuthority public immutable authority;
    ICarbonRegistry public immutable credits;
    /// @inheritdoc IRegistryBridge
    bytes32 public immutable self;

    uint32 internal _peersCount;
    mapping(uint32 index => bytes32 peer) internal _names;
    mapping(bytes32 peer => Peer) internal _peers;
    mapping(bytes32 bridge => Numbers) internal _numbers;
    mapping(uint256 batch => Lot) internal _lots;
    mapping(uint256 id => Export) internal _exports;
    mapping(uint256 id => bytes32 message) internal _messages;
    mapping(bytes32 message => Outcome) internal _outcomes;
    mapping(bytes32 scope => IntervalIndex.List) internal _here;

    constructor(
        IAuthority authority_,
        ICarbonRegistry credits_,
        string memory registry
    ) EIP712(MessageDigest.NAME, MessageDigest.VERSION) {
        authority = authority_;
        credits = credits_;
        self = keccak256(bytes(registry));
    }

    /// @inheritdoc IRegistryBridge
    function peerOf(bytes32 name) external view returns (PeerRecord memory found) {
        Peer storage peer = _peers[name];
        (found.chain, found.bridge, found.signer) = (peer.chain, peer.bridge, peer.signer);
        (found.allowance, found.outstanding) = (peer.allowance, peer.outstanding);
        (found.sent, found.taken) = (peer.sent, peer.taken);
    }

    /// @inheritdoc IRegistryBridge
    function exportOf(uint256 id) external view returns (ExportRecord memory found) {
        Export storage sent = _exports[id];
        (found.status, found.target) = (sent.status, _names[sent.peer]);
        (found.number, found.deadline) = (sent.number, sent.deadline);
        (found.amount, found.message) = (sent.amount, _messages[id]);
    }

    /// @inheritdoc IRegistryBridge
    function outcomeOf(bytes32 message) external view returns (Outcome) {
        return _outcomes[message];
    }

    /// @inheritdoc IRegistryBridge
    function outstandingOf(bytes32 home) external view returns (uint64) {
        return _peers[home].outstanding;
    }

    /// @inheritdoc IRegistryBridge
    function lotOf(
        uint256 batch
    ) external view returns (bytes32 home, uint256 exportId, bool mirrored) {
        Lot storage lot = _lots[batch];
        return (_names[lot.home], lot.exportId, lot.mirrored);
    }

    /// @inheritdoc IRegistryBridge
    function hintFor(bytes32 scope, uint64 start) external view returns (uint64) {
        return _here[scope].hintFor(start);
    }

    /// @inheritdoc IRegistryBridge
    function hintToSend(uint256 batch, uint64 amount) external view returns (uint64) {
        (uint64 start, , Interval[] memory stack) = credits.releasedOf(batch);
        if (stack.length > 0) {
            Interval top = stack[stack.length - 1];
            if (top.span() >= amount) start = top.start();
        }
        // A node that starts where the interval does may go, so the one before it is the hint.
        return start == 0 ? NO_HINT : _here[credits.scopeOf(batch)].hintFor(start - 1);
    }

    /// @inheritdoc IRegistryBridge
    function nextNumberFrom(bytes32 peer) external view returns (uint64) {
        return _peers[peer].taken + 1;
    }

    /// @inheritdoc IRegistryBridge
    function nextNumberTo(bytes32 peer) external view returns (uint64) {
        return _peers[peer].sent + 1;
    }

    /// @inheritdoc IRegistryBridge
    function digestOf(Message calldata message) external pure returns (bytes32) {
        return _digestOf(message, messageHash(message));
    }

    /// @inheritdoc IRegistryBridge
    function receiptDigest(Receipt calldata receipt) external view returns (bytes32) {
        return _hashTypedDataV4(MessageDigest.ofReceipt(receipt.message, receipt.outcome));
    }

    /// @inheritdoc IRegistryBridge
    function messageHash(Message calldata message) public pure returns (bytes32) {
        return MessageDigest.ofMessage(message, keccak256(bytes(message.scope)));
    }

    /// @dev Under the domain that the message names; that it is ours is checked by itself.
    function _digestOf(
        Message calldata message,
        bytes32 hash
    ) internal pure returns (bytes32) {
        return MessageDigest.toSign(hash, message.targetChain, message.targetBridge);
    }

    /// @dev Numbers are between two bridges: a peer's next one begins anew, and where one is
    /// admitted again, it goes on as if it had stayed.
    function _connect(bytes32 name, Peer storage peer, uint96 chain, address other) internal {
        if (peer.chain == chain && peer.bridge == other) return;
        if (peer.bridge != address(0)) {
            Numbers memory left = Numbers(peer.sent, peer.taken);
            _numbers[keccak256(abi.encode(name, peer.chain, peer.bridge))] = left;
        }
        (peer.bridge, peer.chain) = (other, chain);
        Numbers storage known = _numbers[keccak256(abi.encode(name, chain, other))];
        (peer.sent, peer.taken) = (known.sent, known.taken);
    }

    function _peerOf(bytes32 name) internal view returns (Peer storage peer) {
        peer = _peers[name];
        if (peer.bridge == address(0)) revert UnknownPeer(name);
    }

    function _pending(uint256 id) internal view returns (Export storage sent) {
        sent = _exports[id];
        if (sent.status != Status.Pending) revert NoPendingExport(id);
    }
}
