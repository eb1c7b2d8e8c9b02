// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {
    AccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {IAuthority} from "./interfaces/IAuthority.sol";

/// @title Roles of one registry, or of the platform.
contract Authority is IAuthority, AccessControlDefaultAdminRules {
    constructor(address admin) AccessControlDefaultAdminRules(0, admin) {}

    /// @inheritdoc IAuthority
    function hasRole(
        bytes32 role,
        address account
    ) public view override(IAuthority, AccessControl, IAccessControl) returns (bool) {
        return super.hasRole(role, account);
    }
}
