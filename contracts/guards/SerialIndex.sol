// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAuthority} from "../interfaces/IAuthority.sol";
import {ISerialGuard} from "../interfaces/ISerialGuard.sol";
import {ISerialIndex} from "../interfaces/ISerialIndex.sol";
import {NO_HINT} from "../libraries/Constants.sol";
import {IntervalIndex} from "../libraries/IntervalIndex.sol";
import {Roles} from "../libraries/Roles.sol";

/// @title The guard that sees every overlap.
contract SerialIndex is ISerialIndex {
    using IntervalIndex for IntervalIndex.List;
    using Roles for IAuthority;

    IAuthority public immutable authority;

    uint32 private _owners;
    mapping(address registry => uint32 owner) private _ownerOf;
    mapping(bytes32 scope => IntervalIndex.List) private _claimed;

    constructor(IAuthority authority_) {
        authority = authority_;
    }

    /// @inheritdoc ISerialIndex
    function admit(address registry) external {
        authority.requireRole(Roles.OPERATOR, msg.sender);
        if (_ownerOf[registry] != 0) return;
        uint32 owner = ++_owners;
        _ownerOf[registry] = owner;
        emit RegistryAdmitted(registry, owner);
    }

    /// @inheritdoc ISerialIndex
    function claim(bytes32 scope, uint64 start, uint64 end, uint64 hint) external {
        uint32 owner = _ownerOf[msg.sender];
        if (owner == 0) revert NotAdmitted(msg.sender);
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

    /// @inheritdoc ISerialIndex
    function isAdmitted(address registry) external view returns (bool) {
        return _ownerOf[registry] != 0;
    }
}
