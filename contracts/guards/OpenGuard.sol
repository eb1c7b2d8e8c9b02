// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Admission} from "./Admission.sol";
import {IAuthority} from "../interfaces/IAuthority.sol";
import {ISerialGuard} from "../interfaces/ISerialGuard.sol";

/// @title The guard that refuses no serials.
contract OpenGuard is Admission {
    constructor(IAuthority authority_) Admission(authority_) {}

    /// @inheritdoc ISerialGuard
    function claim(bytes32, uint64, uint64, uint64) external view {
        _requireAdmitted();
    }
}
