// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccountDirectory} from "./interfaces/IAccountDirectory.sol";
import {IAuthority} from "./interfaces/IAuthority.sol";
import {Roles} from "./libraries/Roles.sol";

/// @title The accounts that registries share.
contract AccountDirectory is IAccountDirectory {
    using Roles for IAuthority;

    struct Account {
        Status status;
        bytes2 jurisdiction;
    }

    IAuthority public immutable authority;

    mapping(bytes32 account => Account) private _accounts;
    mapping(address holder => bytes32 account) private _accountOf;

    constructor(IAuthority authority_) {
        authority = authority_;
    }

    /// @inheritdoc IAccountDirectory
    function openAccount(
        bytes32 account,
        address holder,
        string calldata name,
        bytes2 jurisdiction
    ) external {
        authority.requireRole(Roles.OPERATOR, msg.sender);
        if (account != keccak256(bytes(name))) revert UnknownAccountId(account);
        if (_accounts[account].status != Status.None) revert AccountAlreadyOpened(account);
        _link(account, holder);
        _accounts[account] = Account(Status.Open, jurisdiction);
        emit AccountOpened(account, holder, name, jurisdiction);
    }

    /// @inheritdoc IAccountDirectory
    function linkAddress(bytes32 account, address holder) external {
        authority.requireRole(Roles.OPERATOR, msg.sender);
        _requireNotClosed(account);
        _link(account, holder);
        emit AddressLinked(account, holder);
    }

    /// @inheritdoc IAccountDirectory
    function closeAccount(bytes32 account) external {
        authority.requireRole(Roles.OPERATOR, msg.sender);
        _requireNotClosed(account);
        _accounts[account].status = Status.Closed;
        emit AccountClosed(account);
    }

    /// @inheritdoc IAccountDirectory
    function accountOf(address holder) external view returns (bytes32 account) {
        return _accountOf[holder];
    }

    /// @inheritdoc IAccountDirectory
    function statusOf(bytes32 account) external view returns (Status) {
        return _accounts[account].status;
    }

    /// @inheritdoc IAccountDirectory
    function jurisdictionOf(bytes32 account) external view returns (bytes2) {
        return _accounts[account].jurisdiction;
    }

    /// @inheritdoc IAccountDirectory
    function isOpen(address holder) external view returns (bool) {
        return _accounts[_accountOf[holder]].status == Status.Open;
    }

    /// @inheritdoc IAccountDirectory
    function requireOpen(address holder) external view {
        _requireOpen(holder);
    }

    /// @inheritdoc IAccountDirectory
    function requireBothOpen(address source, address target) external view {
        _requireOpen(source);
        _requireOpen(target);
    }

    function _requireOpen(address holder) private view {
        Status status = _accounts[_accountOf[holder]].status;
        if (status == Status.Open) return;
        // No account has id zero, as no name hashes to it.
        if (status == Status.None) revert UnknownAccount(holder);
        revert ClosedAccount(holder);
    }

    function _requireNotClosed(bytes32 account) private view {
        Status status = _accounts[account].status;
        if (status == Status.None) revert UnknownAccountId(account);
        if (status == Status.Closed) revert AccountAlreadyClosed(account);
    }

    function _link(bytes32 account, address holder) private {
        // Tokens come from and go to the zero address, so nobody may act through it.
        if (holder == address(0) || _accountOf[holder] != bytes32(0)) revert AddressTaken(holder);
        _accountOf[holder] = account;
    }
}
