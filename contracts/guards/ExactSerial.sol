// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Admission} from "./Admission.sol";
import {IAuthority} from "../interfaces/IAuthority.sol";
import {ISerialGuard} from "../interfaces/ISerialGuard.sol";

/// @title The guard that compares serials as texts: only an equal interval is refused.
contract ExactSerial is Admission {
    mapping(bytes32 serial => bool) private _claimed;

    constructor(IAuthority authority_) Admission(authority_) {}

    /// @inheritdoc ISerialGuard
    function claim(bytes32 scope, uint64 start, uint64 end, uint64) external {
        _requireAdmitted();
        bytes32 serial = keccak256(abi.encode(scope, start, end));
        if (_claimed[serial]) revert SerialAlreadyClaimed(scope, start, end);
        _claimed[serial] = true;
    }
}
