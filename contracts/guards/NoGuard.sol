// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISerialGuard} from "../interfaces/ISerialGuard.sol";

/// @title The guard that lets everything pass. Never reverts.
contract NoGuard is ISerialGuard {
    /// @inheritdoc ISerialGuard
    function claim(bytes32, uint64, uint64, uint64) external {}
}
