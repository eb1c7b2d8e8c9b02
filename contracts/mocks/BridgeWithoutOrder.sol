// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RegistryBridge} from "../RegistryBridge.sol";
import {IAuthority} from "../interfaces/IAuthority.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";

/// @title A bridge that takes a message as often as it is shown.
contract BridgeWithoutOrder is RegistryBridge {
    constructor(
        IAuthority authority_,
        ICarbonRegistry credits_,
        string memory registry
    ) RegistryBridge(authority_, credits_, registry) {}

    function _requireNext(Message calldata) internal view override {}
}
