// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Grams in a scope, half-open: start << 64 | end. Serial n covers [(n-1)*10^6, n*10^6).
type Interval is uint128;

/// @dev An empty slot.
Interval constant NOTHING = Interval.wrap(0);

using {start, end, span} for Interval global;

/// @dev Callers make sure that `from` <= `to`.
function interval(uint64 from, uint64 to) pure returns (Interval) {
    return Interval.wrap((uint128(from) << 64) | to);
}

function start(Interval piece) pure returns (uint64) {
    return uint64(Interval.unwrap(piece) >> 64);
}

function end(Interval piece) pure returns (uint64) {
    // The high half falls away: the end is the low half.
    return uint64(Interval.unwrap(piece));
}

function span(Interval piece) pure returns (uint64) {
    return piece.end() - piece.start();
}
