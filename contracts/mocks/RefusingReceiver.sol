// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title A holder that refuses credits, and burns all gas it gets while doing so if told to.
contract RefusingReceiver {
    error Refused();

    bool public immutable greedy;

    constructor(bool greedy_) {
        greedy = greedy_;
    }

    /// @dev Lets a test act as this holder.
    function act(address target, bytes calldata data) external returns (bytes memory) {
        (bool ok, bytes memory result) = target.call(data);
        require(ok, "the action failed");
        return result;
    }

    fallback() external {
        if (!greedy) revert Refused();
        // An invalid opcode takes all gas that was passed on.
        assembly ("memory-safe") {
            invalid()
        }
    }
}
