// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RegistryBridge} from "../RegistryBridge.sol";
import {IAuthority} from "../interfaces/IAuthority.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";

/// @title A bridge that does not look which serials are here already.
contract BridgeWithoutClaim is RegistryBridge {
    constructor(
        IAuthority authority_,
        ICarbonRegistry credits_,
        string memory registry
    ) RegistryBridge(authority_, credits_, registry) {}

    function _claim(bytes32, uint64, uint64, uint64, bytes32) internal override {}

    function _free(bytes32, uint64, uint64, uint64) internal override {}
}
