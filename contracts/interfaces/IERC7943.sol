// SPDX-License-Identifier: CC0-1.0
pragma solidity ^0.8.28;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

/// @title ERC-7943, the interface for tokens with several ids. Interface id 0x41c4fbad.
/// @dev The errors belong to the standard and are not raised here: our refusals say more.
interface IERC7943MultiToken is IERC165 {
    /// @notice The regulator moved credits.
    event ForcedTransfer(
        address indexed from,
        address indexed to,
        uint256 indexed tokenId,
        uint256 amount
    );

    /// @notice What is frozen of the account's credits, from now on.
    event Frozen(address indexed account, uint256 indexed tokenId, uint256 amount);

    error ERC7943CannotSend(address account);
    error ERC7943CannotReceive(address account);
    error ERC7943CannotTransfer(address from, address to, uint256 tokenId, uint256 amount);
    error ERC7943InsufficientUnfrozenBalance(
        address account,
        uint256 tokenId,
        uint256 amount,
        uint256 unfrozen
    );

    /// @notice Moves credits whoever holds them.
    function forcedTransfer(
        address from,
        address to,
        uint256 tokenId,
        uint256 amount
    ) external returns (bool result);

    /// @notice Sets what is frozen of the account's credits.
    function setFrozenTokens(
        address account,
        uint256 tokenId,
        uint256 amount
    ) external returns (bool result);

    /// @notice Says whether the account may give credits at all.
    function canSend(address account) external view returns (bool allowed);

    /// @notice Says whether the account may receive credits at all.
    function canReceive(address account) external view returns (bool allowed);

    /// @notice What is frozen of the account's credits; may exceed the balance.
    function getFrozenTokens(
        address account,
        uint256 tokenId
    ) external view returns (uint256 amount);

    /// @notice Says whether this very transfer would be let through.
    function canTransfer(
        address from,
        address to,
        uint256 tokenId,
        uint256 amount
    ) external view returns (bool allowed);
}
