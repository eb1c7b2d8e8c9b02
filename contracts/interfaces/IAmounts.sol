// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title What every amount of credits is held to.
/// @notice Unit: g CO2e; 1_000_000 is one tonne, one credit. Range: 1 to 2^63 - 1, because books
/// off chain keep amounts in signed 64-bit integers.
interface IAmounts {
    /// @notice An amount of nothing was asked for.
    error ZeroAmount();

    /// @notice `amount` (or the end of the serials it would take) is above 2^63 - 1.
    error AmountTooLarge(uint256 amount);
}
