// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title The accounts that registries share.
/// @notice An account is a person or organisation, known by name; it acts through one or more
/// addresses. The platform's operator opens and closes accounts; nothing reopens one.
interface IAccountDirectory {
    enum Status {
        None,
        Open,
        Closed
    }

    /// @notice An account was opened. `account` is keccak256 of `name`.
    event AccountOpened(
        bytes32 indexed account,
        address indexed holder,
        string name,
        bytes2 jurisdiction
    );

    /// @notice One more address acts for `account`.
    event AddressLinked(bytes32 indexed account, address indexed holder);

    /// @notice `account` neither gives nor receives credits any more.
    event AccountClosed(bytes32 indexed account);

    /// @notice No account stands behind the address `holder`.
    error UnknownAccount(address holder);

    /// @notice No account was ever opened under this id, or, on opening one, the id is not
    /// keccak256 of the name given with it.
    error UnknownAccountId(bytes32 account);

    /// @notice The account behind `holder` is closed.
    error ClosedAccount(address holder);

    /// @notice The account is closed already.
    error AccountAlreadyClosed(bytes32 account);

    /// @notice The id was opened before.
    error AccountAlreadyOpened(bytes32 account);

    /// @notice The address already acts for an account, or is the zero address.
    error AddressTaken(address holder);

    /// @notice Opens an account under `name`, acting through `holder`.
    /// @dev `account` must be keccak256(bytes(name)). `jurisdiction` is two ISO 3166-1 letters, or
    /// zero for none.
    /// @dev Platform operator only. Not stopped by any registry's pause.
    /// @dev Reverts: NotAuthorised, UnknownAccountId, AccountAlreadyOpened, AddressTaken.
    /// @dev Does not check spelling: names that differ in one code point are two accounts.
    function openAccount(
        bytes32 account,
        address holder,
        string calldata name,
        bytes2 jurisdiction
    ) external;

    /// @notice Lets `holder` act for `account` too.
    /// @dev Platform operator only. Links cannot be undone: past entries name the address.
    /// @dev Reverts: NotAuthorised, UnknownAccountId, AccountAlreadyClosed, AddressTaken.
    function linkAddress(bytes32 account, address holder) external;

    /// @notice Closes `account` for good, for all its addresses.
    /// @dev Its credits stay; only a regulator's forced transfer moves them.
    /// @dev Platform operator only.
    /// @dev Reverts: NotAuthorised, UnknownAccountId, AccountAlreadyClosed.
    function closeAccount(bytes32 account) external;

    /// @notice The account behind `holder`, zero if there is none. Closed ones are named too.
    function accountOf(address holder) external view returns (bytes32 account);

    /// @notice Where `account` stands. Never reverts.
    function statusOf(bytes32 account) external view returns (Status);

    /// @notice The jurisdiction of `account`, zero for none or for an unknown account.
    function jurisdictionOf(bytes32 account) external view returns (bytes2);

    /// @notice Says whether an open account stands behind `holder`. Never reverts.
    function isOpen(address holder) external view returns (bool);

    /// @notice Passes only if an open account stands behind `holder`.
    /// @dev Reverts: UnknownAccount, ClosedAccount.
    function requireOpen(address holder) external view;

    /// @notice Passes only if open accounts stand behind both: `source` is asked first.
    /// @dev Reverts: UnknownAccount, ClosedAccount for `source`, then the same for `target`.
    function requireBothOpen(address source, address target) external view;
}
