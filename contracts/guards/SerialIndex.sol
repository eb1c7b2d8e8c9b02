// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Admission} from "./Admission.sol";
import {IAuthority} from "../interfaces/IAuthority.sol";
import {ISerialGuard} from "../interfaces/ISerialGuard.sol";
import {ISerialIndex} from "../interfaces/ISerialIndex.sol";
import {NO_HINT} from "../libraries/Constants.sol";
import {IntervalIndex} from "../libraries/IntervalIndex.sol";

/// @title The guard that sees every overlap.
contract SerialIndex is ISerialIndex, Admission {
    using IntervalIndex for IntervalIndex.List;

    mapping(bytes32 scope => IntervalIndex.List) private _claimed;

    constructor(IAuthority authority_) Admission(authority_) {}

    /// @inheritdoc ISerialIndex
    function claim(
        bytes32 scope,
        uint64 start,
        uint64 end,
        uint64 hint
    ) external override(ISerialGuard, ISerialIndex) {
        uint32 owner = _requireAdmitted();
        if (start >= end) revert EmptyInterval(start, end);
        IntervalIndex.List storage list = _claimed[scope];
        (uint64 before, uint64 met) = list.locate(start, end, hint);
        if (met != NO_HINT) revert SerialAlreadyClaimed(scope, met, list.nodes[met].end);
        list.insert(before, start, end, owner);
    }

    /// @inheritdoc ISerialIndex
    function hintFor(bytes32 scope, uint64 start) external view returns (uint64 hint) {
        return _claimed[scope].hintFor(start);
    }
}
