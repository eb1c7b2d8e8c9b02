// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISerialGuard} from "./ISerialGuard.sol";

/// @title The guard that sees every overlap.
/// @notice Claimed intervals of a scope in one ascending list, for all admitted registries.
/// @dev A hint is the start of a claimed interval at or before the wanted start; 2^64 - 1 means
/// "from the lowest". The search follows at most 32 links, so a claim has bounded cost.
/// Neighbours claimed by one registry merge.
interface ISerialIndex is ISerialGuard {
    /// @notice [start, end) holds nothing.
    error EmptyInterval(uint64 start, uint64 end);

    /// @notice `hint` is not the start of an interval at or before the wanted one, or more than
    /// 32 links away from it. A client asks hintFor and tries once more.
    error StaleHint(uint64 hint);

    /// @inheritdoc ISerialGuard
    /// @dev Admitted registries only. Keeps: the claimed intervals of a scope are disjoint.
    /// @dev Reverts: NotAdmitted, EmptyInterval, StaleHint, SerialAlreadyClaimed.
    /// @dev Does not check that `scope` belongs to the caller: registries may share one.
    function claim(bytes32 scope, uint64 start, uint64 end, uint64 hint) external override;

    /// @notice The hint for claiming from `start`: the last interval that starts at or before it,
    /// else 2^64 - 1.
    /// @dev Walks without bound; meant for calls off chain.
    function hintFor(bytes32 scope, uint64 start) external view returns (uint64 hint);
}
