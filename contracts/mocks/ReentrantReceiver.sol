// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1155Receiver} from "@openzeppelin/contracts/token/ERC1155/IERC1155Receiver.sol";

/// @title A holder that calls back into whoever gives it credits, then accepts them.
contract ReentrantReceiver {
    address public target;
    bytes public attack;
    bool public attempted;
    bool public succeeded;
    bytes public refusal;

    /// @notice Sets the call that is made on the next receipt.
    function plan(address target_, bytes calldata attack_) external {
        (target, attack) = (target_, attack_);
        (attempted, succeeded) = (false, false);
    }

    /// @dev Lets a test act as this holder.
    function act(address target_, bytes calldata data) external returns (bytes memory) {
        (bool ok, bytes memory result) = target_.call(data);
        require(ok, "the action failed");
        return result;
    }

    function onERC1155Received(
        address,
        address,
        uint256,
        uint256,
        bytes calldata
    ) external returns (bytes4) {
        _attack();
        return IERC1155Receiver.onERC1155Received.selector;
    }

    function onERC1155BatchReceived(
        address,
        address,
        uint256[] calldata,
        uint256[] calldata,
        bytes calldata
    ) external returns (bytes4) {
        _attack();
        return IERC1155Receiver.onERC1155BatchReceived.selector;
    }

    function _attack() private {
        if (target == address(0)) return;
        attempted = true;
        (succeeded, refusal) = target.call(attack);
    }
}
