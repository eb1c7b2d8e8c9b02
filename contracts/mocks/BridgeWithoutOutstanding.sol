// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RegistryBridge} from "../RegistryBridge.sol";
import {IAuthority} from "../interfaces/IAuthority.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";

/// @title A bridge that takes back more than it sent: new credits, if need be.
contract BridgeWithoutOutstanding is RegistryBridge {
    constructor(
        IAuthority authority_,
        ICarbonRegistry credits_,
        string memory registry
    ) RegistryBridge(authority_, credits_, registry) {}

    function _takeBack(Message calldata message) internal override returns (uint256) {
        return credits.importCredits(_orderOf(message));
    }
}
