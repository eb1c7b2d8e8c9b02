// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Vm} from "./Vm.sol";
import {Interval} from "../../types/Interval.sol";

/// @title Cheat codes and comparisons.
abstract contract TestBase {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    error NotEqual(uint256 left, uint256 right);
    error NotEqualWords(bytes32 left, bytes32 right);
    error NotTrue();
    error NotAtMost(uint256 left, uint256 right);

    function assertTrue(bool condition) internal pure {
        if (!condition) revert NotTrue();
    }

    function assertFalse(bool condition) internal pure {
        assertTrue(!condition);
    }

    function assertEq(uint256 left, uint256 right) internal pure {
        if (left != right) revert NotEqual(left, right);
    }

    function assertEq(address left, address right) internal pure {
        assertEq(uint256(uint160(left)), uint256(uint160(right)));
    }

    function assertEq(bytes32 left, bytes32 right) internal pure {
        if (left != right) revert NotEqualWords(left, right);
    }

    function assertEq(Interval[] memory left, Interval[] memory right) internal pure {
        assertEq(left.length, right.length);
        for (uint256 i = 0; i < left.length; ++i) {
            assertEq(Interval.unwrap(left[i]), Interval.unwrap(right[i]));
        }
    }

    function assertAtMost(uint256 left, uint256 right) internal pure {
        if (left > right) revert NotAtMost(left, right);
    }

    /// @dev `value` folded into [low, high], keeping small ones as they are.
    function bound(uint256 value, uint256 low, uint256 high) internal pure returns (uint256) {
        if (value >= low && value <= high) return value;
        uint256 width = high - low;
        return width == type(uint256).max ? value : low + (value % (width + 1));
    }
}
