// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev Books off chain keep amounts in signed 64-bit integers.
uint64 constant AMOUNT_MAX = 2 ** 63 - 1;

/// @dev "Look from the lowest interval."
uint64 constant NO_HINT = type(uint64).max;

/// @dev "From the front of what is held": no interval starts there.
uint64 constant NO_START = type(uint64).max;

/// @dev Bytes of one text. Bounds what an event costs.
uint256 constant TEXT_MAX = 512;

/// @dev Intervals of one disposition. Bounds what taking and giving back cost.
uint256 constant MAX_PIECES = 16;

/// @dev Seconds that a message may take, at most. Bounds for how long one that cannot be imported
/// holds up those behind it.
uint64 constant DEADLINE_MAX = 30 days;

/// @dev Set in the id of a batch of credits that are expected, not verified yet.
uint256 constant EX_ANTE = 1 << 127;
