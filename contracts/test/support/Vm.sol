// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title The few of Foundry's cheat codes that the tests need.
interface Vm {
    struct Gas {
        uint64 gasLimit;
        uint64 gasTotalUsed;
        uint64 gasMemoryUsed;
        int64 gasRefunded;
        uint64 gasRemaining;
    }

    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    function addr(uint256 key) external pure returns (address);

    function sign(
        uint256 key,
        bytes32 digest
    ) external pure returns (uint8 v, bytes32 r, bytes32 s);

    function prank(address caller) external;

    function startPrank(address caller) external;

    function stopPrank() external;

    function warp(uint256 time) external;

    function chainId(uint256 id) external;

    function assume(bool condition) external pure;

    function label(address account, string calldata name) external;

    function getNonce(address account) external view returns (uint64);

    function computeCreateAddress(
        address deployer,
        uint256 nonce
    ) external pure returns (address);

    function expectRevert() external;

    function expectRevert(bytes calldata data) external;

    function expectRevert(bytes4 selector) external;

    function expectEmit(address emitter) external;

    function recordLogs() external;

    function getRecordedLogs() external returns (Log[] memory);

    function snapshotState() external returns (uint256 id);

    function revertToState(uint256 id) external returns (bool);

    function lastCallGas() external view returns (Gas memory);
}
