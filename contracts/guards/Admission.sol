// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAuthority} from "../interfaces/IAuthority.sol";
import {ISerialGuard} from "../interfaces/ISerialGuard.sol";
import {Roles} from "../libraries/Roles.sol";

/// @title Who may claim serials at a guard.
abstract contract Admission is ISerialGuard {
    using Roles for IAuthority;

    IAuthority public immutable authority;

    uint32 private _owners;
    mapping(address registry => uint32 owner) private _ownerOf;

    constructor(IAuthority authority_) {
        authority = authority_;
    }

    /// @inheritdoc ISerialGuard
    function admit(address registry) external {
        authority.requireRole(Roles.OPERATOR, msg.sender);
        if (_ownerOf[registry] != 0) return;
        uint32 owner = ++_owners;
        _ownerOf[registry] = owner;
        emit RegistryAdmitted(registry, owner);
    }

    /// @inheritdoc ISerialGuard
    function isAdmitted(address registry) external view returns (bool) {
        return _ownerOf[registry] != 0;
    }

    function _requireAdmitted() internal view returns (uint32 owner) {
        owner = _ownerOf[msg.sender];
        if (owner == 0) revert NotAdmitted(msg.sender);
    }
}
