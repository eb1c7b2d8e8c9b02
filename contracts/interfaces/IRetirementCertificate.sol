// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Interval} from "../types/Interval.sol";

/// @title One token per retirement, bound to who retired.
/// @notice The claim and the serials are in the registry's event; the token keeps their digest,
/// against which a certificate shown by anyone can be checked.
interface IRetirementCertificate {
    /// @notice Who may say that a retirement is theirs, and for what purpose.
    /// @dev At most 512 bytes each; all may be empty.
    /// @param beneficiary On whose behalf; need not have an account.
    /// @param purpose Such as "voluntary" or the name of a compliance scheme.
    /// @param reason Free text.
    /// @param period Reporting period of the beneficiary.
    /// @param jurisdiction Where the beneficiary claims it.
    struct Claim {
        string beneficiary;
        string purpose;
        string reason;
        string period;
        string jurisdiction;
    }

    /// @notice What a certificate certifies. `registry` is the CarbonRegistry.
    struct RetirementRecord {
        address registry;
        uint256 id;
        uint256 batch;
        address holder;
        uint64 amount;
        Interval[] intervals;
        Claim claim;
    }

    /// @notice Certificates never move.
    error CertificateBound(uint256 id);

    /// @notice No retirement has this id.
    error UnknownCertificate(uint256 id);

    /// @notice Gives `holder` the certificate for retirement `id`.
    /// @param digest keccak256(abi.encode(registry, id, batch, holder, amount,
    /// keccak256(abi.encodePacked(intervals)), keccak256(abi.encode(claim)))).
    /// @dev This registry's CarbonRegistry only. Calls nobody back. Emits Locked(id).
    /// @dev Reverts: NotAuthorised (role "CREDITS"), ERC721InvalidSender (id exists).
    function mint(address holder, uint256 id, bytes32 digest) external;

    /// @notice Says whether retirement `id` took place. Never reverts, and never turns false.
    function exists(uint256 id) external view returns (bool);

    /// @notice The digest that certificate `id` keeps.
    /// @dev Reverts: UnknownCertificate.
    function digestOf(uint256 id) external view returns (bytes32);

    /// @notice Says whether `record` is, to the letter, what certificate `id` was given for.
    /// @dev Reverts: UnknownCertificate.
    function verify(
        uint256 id,
        RetirementRecord calldata record
    ) external view returns (bool);
}
