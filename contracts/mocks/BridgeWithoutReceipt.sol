// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RegistryBridge} from "../RegistryBridge.sol";
import {IAuthority} from "../interfaces/IAuthority.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";

/// @title A bridge that compensates by the clock, without asking the target.
contract BridgeWithoutReceipt is RegistryBridge {
    constructor(
        IAuthority authority_,
        ICarbonRegistry credits_,
        string memory registry
    ) RegistryBridge(authority_, credits_, registry) {}

    function _requireVoided(uint256 id, bytes calldata) internal view override {
        Export storage sent = _exports[id];
        if (block.timestamp <= sent.deadline) revert NotAttested(_names[sent.peer], id);
    }
}
