// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {IRegistryBridge} from "../interfaces/IRegistryBridge.sol";

/// @title What bridges sign, as EIP-712 has it.
library MessageDigest {
    string internal constant NAME = "RegistryBridge";
    string internal constant VERSION = "1";

    bytes32 private constant DOMAIN_TYPE =
        keccak256(
            "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
        );
    bytes32 private constant MESSAGE_TYPE =
        keccak256(
            "Message(bytes32 source,uint256 sourceChain,address sourceBridge,bytes32 target,"
            "uint256 targetChain,address targetBridge,uint256 id,uint64 number,bytes32 home,"
            "uint256 exportId,string scope,uint64 start,uint64 end,uint16 vintage,address to,"
            "uint64 deadline)"
        );
    bytes32 private constant RECEIPT_TYPE = keccak256("Receipt(bytes32 message,uint8 outcome)");

    /// @dev Of the message's scope only the hash counts: a source's bridge has no more of it.
    function ofMessage(
        IRegistryBridge.Message memory message,
        bytes32 scope
    ) internal pure returns (bytes32) {
        bytes memory ends = abi.encode(
            MESSAGE_TYPE,
            message.source,
            message.sourceChain,
            message.sourceBridge,
            message.target,
            message.targetChain,
            message.targetBridge
        );
        bytes memory names = abi.encode(
            message.id,
            message.number,
            message.home,
            message.exportId,
            scope
        );
        bytes memory rest = abi.encode(
            message.start,
            message.end,
            message.vintage,
            message.to,
            message.deadline
        );
        return keccak256(bytes.concat(ends, names, rest));
    }

    function ofReceipt(bytes32 message, uint8 outcome) internal pure returns (bytes32) {
        return keccak256(abi.encode(RECEIPT_TYPE, message, outcome));
    }

    /// @dev Under the domain of any bridge, not only of the one that asks.
    function toSign(
        bytes32 structHash,
        uint256 chain,
        address bridge
    ) internal pure returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                DOMAIN_TYPE,
                keccak256(bytes(NAME)),
                keccak256(bytes(VERSION)),
                chain,
                bridge
            )
        );
        return MessageHashUtils.toTypedDataHash(domain, structHash);
    }
}
