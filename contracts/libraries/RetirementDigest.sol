// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IRetirementCertificate} from "../interfaces/IRetirementCertificate.sol";
import {Interval} from "../types/Interval.sol";

/// @title What a certificate keeps of a retirement.
library RetirementDigest {
    function ofClaim(
        IRetirementCertificate.Claim calldata claim
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(claim));
    }

    /// @dev The claim comes as a digest: a pending request keeps no more of it.
    function ofRetirement(
        address registry,
        uint256 id,
        uint256 batch,
        address holder,
        Interval[] memory intervals,
        uint64 amount,
        bytes32 claimDigest
    ) internal pure returns (bytes32) {
        bytes32 serials = keccak256(abi.encodePacked(intervals));
        return
            keccak256(abi.encode(registry, id, batch, holder, amount, serials, claimDigest));
    }
}
