// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Pair} from "./support/Pair.sol";
import {IRegistryBridge} from "../interfaces/IRegistryBridge.sol";

/// @dev EIP-712 by hand, word by word.
contract MessageDigestTest is Pair {
    function test_digestOf_isWhatWalletsSign() public {
        IRegistryBridge.Message memory message = send(1, 10);
        bytes32 hash = structHash(message);
        assertEq(bridge.messageHash(message), hash);
        bytes32 digest = keccak256(
            abi.encodePacked(hex"1901", domain(FAR_CHAIN, address(farBridge)), hash)
        );
        // Whichever bridge is asked, and on whichever chain.
        assertEq(bridge.digestOf(message), digest);
        onFar();
        assertEq(farBridge.digestOf(message), digest);
    }

    function test_receiptDigest_isWhatWalletsSign() public {
        onHome();
        bytes32 hash = keccak256(
            abi.encodePacked(
                keccak256("Receipt(bytes32 message,uint8 outcome)"),
                keccak256("message"),
                uint256(2)
            )
        );
        assertEq(
            bridge.receiptDigest(IRegistryBridge.Receipt(keccak256("message"), 2)),
            keccak256(abi.encodePacked(hex"1901", domain(HOME_CHAIN, address(bridge)), hash))
        );
    }

    function domain(uint256 chain, address verifying) private pure returns (bytes32) {
        return
            keccak256(
                abi.encodePacked(
                    keccak256(
                        "EIP712Domain(string name,string version,uint256 chainId,"
                        "address verifyingContract)"
                    ),
                    keccak256("RegistryBridge"),
                    keccak256("1"),
                    chain,
                    uint256(uint160(verifying))
                )
            );
    }

    function structHash(
        IRegistryBridge.Message memory message
    ) private pure returns (bytes32) {
        bytes memory words = abi.encodePacked(
            keccak256(
                "Message(bytes32 source,uint256 sourceChain,address sourceBridge,"
                "bytes32 target,uint256 targetChain,address targetBridge,uint256 id,"
                "uint64 number,bytes32 home,uint256 exportId,string scope,uint64 start,"
                "uint64 end,uint16 vintage,address to,uint64 deadline)"
            ),
            message.source,
            message.sourceChain,
            uint256(uint160(message.sourceBridge)),
            message.target,
            message.targetChain,
            uint256(uint160(message.targetBridge))
        );
        words = abi.encodePacked(
            words,
            message.id,
            uint256(message.number),
            message.home,
            message.exportId,
            keccak256(bytes(message.scope))
        );
        words = abi.encodePacked(
            words,
            uint256(message.start),
            uint256(message.end),
            uint256(message.vintage),
            uint256(uint160(message.to)),
            uint256(message.deadline)
        );
        return keccak256(words);
    }
}
