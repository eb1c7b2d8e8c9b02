// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Refuses serials that were issued before.
/// @notice Asked once per issuance. What is claimed is never freed: credits that are retired,
/// cancelled or exported keep their serials for ever.
/// @dev Unit: grams in a scope, half-open; serial n covers [(n-1)*10^6, n*10^6).
/// @dev How much a guard sees is its own business: SerialIndex refuses any overlap, ExactSerial
/// an equal interval, OpenGuard nothing. The latter two are there to compare with.
interface ISerialGuard {
    /// @notice `registry` may claim serials. `owner` is its number at the guard, from 1.
    event RegistryAdmitted(address indexed registry, uint32 owner);

    /// @notice [start, end) meets serials that were claimed before in `scope`.
    /// @dev The bounds are those of the lowest claimed interval that it meets.
    error SerialAlreadyClaimed(bytes32 scope, uint64 start, uint64 end);

    /// @notice `caller` was not admitted.
    error NotAdmitted(address caller);

    /// @notice Lets `registry` claim serials. Admitting one twice changes nothing.
    /// @dev Platform operator only. Cannot be undone.
    /// @dev Reverts: NotAuthorised.
    function admit(address registry) external;

    /// @notice Claims [start, end) in `scope` for the calling registry, for good.
    /// @param scope keccak256 of the prefix inside which the registry counts serials.
    /// @param hint Where to look from; see ISerialIndex. Guards that need none ignore it.
    /// @dev Keeps: no two claims of one scope that the guard can tell to be the same.
    /// @dev Reverts: NotAdmitted, then see the guard.
    function claim(bytes32 scope, uint64 start, uint64 end, uint64 hint) external;

    /// @notice Says whether `registry` was admitted.
    function isAdmitted(address registry) external view returns (bool);
}
