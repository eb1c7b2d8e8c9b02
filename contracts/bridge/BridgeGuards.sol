// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {BridgeRecords} from "./BridgeRecords.sol";
import {IAmounts} from "../interfaces/IAmounts.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";
import {AMOUNT_MAX, NO_HINT} from "../libraries/Constants.sol";
import {IntervalIndex} from "../libraries/IntervalIndex.sol";
import {MessageDigest} from "../libraries/MessageDigest.sol";

/// @title What a bridge refuses of peers, and of whoever speaks for them.
/// @dev One virtual function for each guard, so that a double can leave it out and show what it
/// is for.
abstract contract BridgeGuards is BridgeRecords {
    using IntervalIndex for IntervalIndex.List;

    function _requireForUs(Message calldata message) internal view {
        _requireRegistry(message);
        _requireChain(message);
        _requireContract(message);
    }

    function _requireRegistry(Message calldata message) internal view virtual {
        if (message.target != self) revert MessageForAnotherRegistry(message.target);
    }

    function _requireChain(Message calldata message) internal view virtual {
        if (message.targetChain != block.chainid) {
            revert MessageForAnotherChain(message.targetChain);
        }
    }

    function _requireContract(Message calldata message) internal view virtual {
        if (message.targetBridge != address(this)) {
            revert MessageForAnotherBridge(message.targetBridge);
        }
    }

    /// @dev Only the bridge that was admitted speaks for its registry.
    function _requireAttested(
        Message calldata message,
        bytes32 hash,
        bytes calldata signature
    ) internal view virtual {
        Peer storage peer = _peers[message.source];
        bool admitted = message.sourceChain == peer.chain && message.sourceBridge == peer.bridge;
        if (!admitted || !_isSigned(peer, _digestOf(message, hash), signature)) {
            revert NotAttested(message.source, message.id);
        }
    }

    /// @dev No bridge sends what ends before it starts, or what books cannot keep. Only a key in
    /// wrong hands signs that, so that it does not even count as taken.
    function _requireInterval(Message calldata message) internal pure {
        if (message.end <= message.start) revert IAmounts.ZeroAmount();
        if (message.end > AMOUNT_MAX) revert IAmounts.AmountTooLarge(message.end);
    }

    function _requireNext(Message calldata message) internal view virtual {
        (uint64 number, uint64 next) = (message.number, _peers[message.source].taken + 1);
        if (number < next) revert MessageAlreadyUsed(message.source, number);
        if (number > next) revert MessageOutOfOrder(message.source, next, number);
    }

    function _requireAllowed(bytes32 home, uint64 amount) internal view virtual {
        (uint64 allowance, uint64 here) = (_peers[home].allowance, _peers[home].outstanding);
        // In 256 bits, so that it cannot wrap.
        if (uint256(here) + amount > allowance) {
            revert AboveAllowance(home, allowance, here, amount);
        }
    }

    /// @dev Neighbours of one home merge, so that a node may span several batches.
    function _claim(
        bytes32 scope,
        uint64 start,
        uint64 end,
        uint64 hint,
        bytes32 home
    ) internal virtual {
        IntervalIndex.List storage list = _here[scope];
        (uint64 before, uint64 met) = list.locate(start, end, hint);
        if (met != NO_HINT) revert IntervalAlreadyHere(scope, met, list.nodes[met].end);
        list.insert(before, start, end, _peers[home].index);
    }

    function _free(bytes32 scope, uint64 start, uint64 end, uint64 hint) internal virtual {
        _here[scope].remove(start, end, hint);
    }

    function _requireVoided(uint256 id, bytes calldata signature) internal view virtual {
        _requireReceipt(id, Outcome.Voided, signature);
    }

    /// @dev The export that a return names shrinks, and must be one to the peer that sends it.
    function _takeBack(Message calldata message) internal virtual returns (uint256 batch) {
        (uint256 id, uint64 start, uint64 end) = (message.exportId, message.start, message.end);
        batch = credits.returnCredits(id, start, _amountOf(message), message.to);
        Export storage sent = _exports[id];
        if (!sent.ours || sent.peer != _peers[message.source].index) {
            revert ICarbonRegistry.NotOutstanding(id, start, end);
        }
    }

    function _requireReceipt(
        uint256 id,
        Outcome outcome,
        bytes calldata signature
    ) internal view {
        bytes32 target = _names[_exports[id].peer];
        bytes32 hash = MessageDigest.ofReceipt(_messages[id], uint8(outcome));
        if (!_isSigned(_peers[target], _hashTypedDataV4(hash), signature)) {
            revert NotAttested(target, id);
        }
    }

    function _isSigned(
        Peer storage peer,
        bytes32 digest,
        bytes calldata signature
    ) private view returns (bool) {
        (address signer, ECDSA.RecoverError problem, ) = ECDSA.tryRecover(digest, signature);
        return problem == ECDSA.RecoverError.NoError && signer == peer.signer;
    }

    /// @dev 0 if a liar moves an interval that ends before it starts: refused as that.
    function _amountOf(Message calldata message) internal pure returns (uint64) {
        return message.end > message.start ? message.end - message.start : 0;
    }
}
