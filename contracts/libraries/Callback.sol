// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1155Receiver} from "@openzeppelin/contracts/token/ERC1155/IERC1155Receiver.sol";

/// @title Telling a holder that credits came back, without asking.
library Callback {
    /// @dev Enough to note the receipt in a few slots. A receiver that wants more goes without.
    uint256 internal constant GAS_MAX = 100_000;

    /// @notice Calls onERC1155Received on a holder that has code, and ignores what happens.
    /// @dev ERC-1155 wants a refusal to revert. Here it would let a holder block an operator's
    /// release or revert of a request, so this is one deliberate exception.
    function tell(address holder, uint256 batch, uint256 amount) internal {
        if (holder.code.length == 0) return;
        bytes memory data = abi.encodeCall(
            IERC1155Receiver.onERC1155Received,
            (msg.sender, address(0), batch, amount, "")
        );
        uint256 gasMax = GAS_MAX;
        // No return data is copied, so that a holder cannot make the caller pay for a huge one.
        assembly ("memory-safe") {
            pop(call(gasMax, holder, 0, add(data, 0x20), mload(data), 0, 0))
        }
    }
}
