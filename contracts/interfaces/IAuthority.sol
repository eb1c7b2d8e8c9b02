// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Who may do what at one registry.
/// @notice One authority per registry, asked by that registry's other contracts. One more, the
/// platform's, is asked by the contracts that all registries share.
/// @dev Roles: keccak256 of OPERATOR (runs the registry), ISSUER, VERIFIER (validation and
/// verification body), BRIDGE, REGULATOR (freezes, forces transfers, ends pledges). The default
/// admin grants and revokes them; no role, and not the admin, reaches retired credits.
interface IAuthority {
    /// @notice `caller` does not hold `role`.
    /// @dev `role` is bytes32("CREDITS") where only a registry's own CarbonRegistry may call.
    error NotAuthorised(address caller, bytes32 role);

    /// @notice Says whether `account` holds `role`.
    /// @dev Never reverts.
    function hasRole(bytes32 role, address account) external view returns (bool);
}
