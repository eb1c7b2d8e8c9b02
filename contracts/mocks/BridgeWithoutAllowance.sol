// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RegistryBridge} from "../RegistryBridge.sol";
import {IAuthority} from "../interfaces/IAuthority.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";

/// @title A bridge that takes in whatever a peer signs.
contract BridgeWithoutAllowance is RegistryBridge {
    constructor(
        IAuthority authority_,
        ICarbonRegistry credits_,
        string memory registry
    ) RegistryBridge(authority_, credits_, registry) {}

    function _requireAllowed(bytes32, uint64) internal view override {}
}
