// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Years as days since 1970-01-01, in the Gregorian calendar.
library Calendar {
    /// @notice Says whether a day of `year` lies in [start, end). Years before 1970 have none.
    function yearMeets(uint16 year, uint32 start, uint32 end) internal pure returns (bool) {
        if (year < 1970) return false;
        return firstDayOf(year) < end && start < firstDayOf(uint256(year) + 1);
    }

    /// @notice The first of January of `year`, 1970 or later.
    function firstDayOf(uint256 year) internal pure returns (uint256) {
        // Leap days from 1970 to the end of the year before. Each quotient counts from the last
        // multiple (of 4, 100, 400) before 1970, so 1972, 2000 and 2000 are the first counted.
        uint256 leapDays = (year - 1969) / 4 - (year - 1901) / 100 + (year - 1601) / 400;
        return (year - 1970) * 365 + leapDays;
    }
}
