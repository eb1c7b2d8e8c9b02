// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISerialGuard} from "../interfaces/ISerialGuard.sol";

/// @title The guard that compares serial numbers as text, as registries on chain did so far.
/// @dev Reverts: SerialAlreadyClaimed, only for the very same interval. An overlap, or a range
/// reused after a split, passes: this guard exists to show how much that misses.
contract ExactSerials is ISerialGuard {
    mapping(bytes32 serial => bool) private _claimed;

    /// @inheritdoc ISerialGuard
    function claim(bytes32 scope, uint64 start, uint64 end, uint64) external {
        bytes32 serial = keccak256(abi.encode(scope, start, end));
        if (_claimed[serial]) revert SerialAlreadyClaimed(scope, start, end);
        _claimed[serial] = true;
    }
}
