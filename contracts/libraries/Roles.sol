// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAuthority} from "../interfaces/IAuthority.sol";

/// @title The roles, and the one way to ask for them.
library Roles {
    bytes32 internal constant OPERATOR = keccak256("OPERATOR");
    bytes32 internal constant ISSUER = keccak256("ISSUER");
    bytes32 internal constant VERIFIER = keccak256("VERIFIER");
    bytes32 internal constant BRIDGE = keccak256("BRIDGE");
    bytes32 internal constant REGULATOR = keccak256("REGULATOR");

    /// @dev Not granted by anyone: stands for the registry's own CarbonRegistry in refusals.
    bytes32 internal constant CREDITS = "CREDITS";

    function requireRole(IAuthority authority, bytes32 role, address caller) internal view {
        if (!authority.hasRole(role, caller)) revert IAuthority.NotAuthorised(caller, role);
    }
}
