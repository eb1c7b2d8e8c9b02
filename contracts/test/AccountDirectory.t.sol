// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {World} from "./support/World.sol";
import {IAccountDirectory} from "../interfaces/IAccountDirectory.sol";
import {Roles} from "../libraries/Roles.sol";

contract AccountDirectoryTest is World {
    bytes32 private constant NEW = keccak256("new");

    /// @dev Starts with everything wrong and mends one thing at a time.
    function test_openAccount_refusesInOrder() public {
        bytes32 taken = keccak256("holder");
        refusesRole(STRANGER, Roles.OPERATOR);
        attempt(STRANGER, taken, HOLDER, "new");
        refuses(abi.encodeWithSelector(IAccountDirectory.UnknownAccountId.selector, taken));
        attempt(OPERATOR, taken, HOLDER, "new");
        refuses(
            abi.encodeWithSelector(IAccountDirectory.AccountAlreadyOpened.selector, taken)
        );
        attempt(OPERATOR, taken, HOLDER, "holder");
        refuses(abi.encodeWithSelector(IAccountDirectory.AddressTaken.selector, HOLDER));
        attempt(OPERATOR, NEW, HOLDER, "new");
        refuses(abi.encodeWithSelector(IAccountDirectory.AddressTaken.selector, address(0)));
        attempt(OPERATOR, NEW, address(0), "new");
        attempt(OPERATOR, NEW, STRANGER, "new");
    }

    function test_openAccount_opens() public {
        vm.expectEmit(address(directory));
        emit IAccountDirectory.AccountOpened(NEW, STRANGER, "new", "CH");
        attempt(OPERATOR, NEW, STRANGER, "new");
        assertEq(directory.accountOf(STRANGER), NEW);
        assertStatus(NEW, IAccountDirectory.Status.Open);
        assertEq(bytes32(directory.jurisdictionOf(NEW)), bytes32("CH"));
        assertTrue(directory.isOpen(STRANGER));
        directory.requireOpen(STRANGER);
    }

    function test_linkAddress_refusesInOrder() public {
        refusesRole(STRANGER, Roles.OPERATOR);
        link(STRANGER, NEW, HOLDER);
        refuses(abi.encodeWithSelector(IAccountDirectory.UnknownAccountId.selector, NEW));
        link(OPERATOR, NEW, HOLDER);
        close("buyer");
        bytes32 closed = keccak256("buyer");
        refuses(
            abi.encodeWithSelector(IAccountDirectory.AccountAlreadyClosed.selector, closed)
        );
        link(OPERATOR, closed, HOLDER);
        refuses(abi.encodeWithSelector(IAccountDirectory.AddressTaken.selector, HOLDER));
        link(OPERATOR, keccak256("lender"), HOLDER);
    }

    function test_linkAddress_letsTheAddressAct() public {
        bytes32 account = keccak256("holder");
        vm.expectEmit(address(directory));
        emit IAccountDirectory.AddressLinked(account, STRANGER);
        link(OPERATOR, account, STRANGER);
        assertEq(directory.accountOf(STRANGER), account);
        assertTrue(directory.isOpen(STRANGER));
        close("holder");
        assertFalse(directory.isOpen(STRANGER));
        assertFalse(directory.isOpen(HOLDER));
    }

    function test_closeAccount_refusesInOrder() public {
        refusesRole(STRANGER, Roles.OPERATOR);
        vm.prank(STRANGER);
        directory.closeAccount(NEW);
        refuses(abi.encodeWithSelector(IAccountDirectory.UnknownAccountId.selector, NEW));
        close("new");
        close("holder");
        bytes32 closed = keccak256("holder");
        refuses(
            abi.encodeWithSelector(IAccountDirectory.AccountAlreadyClosed.selector, closed)
        );
        close("holder");
    }

    function test_closeAccount_closesForGood() public {
        bytes32 account = keccak256("holder");
        vm.expectEmit(address(directory));
        emit IAccountDirectory.AccountClosed(account);
        close("holder");
        assertStatus(account, IAccountDirectory.Status.Closed);
        assertEq(directory.accountOf(HOLDER), account);
        refuses(
            abi.encodeWithSelector(IAccountDirectory.AccountAlreadyOpened.selector, account)
        );
        attempt(OPERATOR, account, STRANGER, "holder");
    }

    function test_requireBothOpen_asksTheSourceFirst() public {
        directory.requireBothOpen(HOLDER, BUYER);
        refusesUnknown(STRANGER);
        directory.requireBothOpen(STRANGER, address(0));
        refusesUnknown(address(0));
        directory.requireBothOpen(HOLDER, address(0));
        close("buyer");
        refusesClosed(BUYER);
        directory.requireBothOpen(HOLDER, BUYER);
    }

    function attempt(
        address caller,
        bytes32 account,
        address holder,
        string memory name
    ) private {
        vm.prank(caller);
        directory.openAccount(account, holder, name, "CH");
    }

    function link(address caller, bytes32 account, address holder) private {
        vm.prank(caller);
        directory.linkAddress(account, holder);
    }

    function assertStatus(bytes32 account, IAccountDirectory.Status status) private view {
        assertEq(uint256(directory.statusOf(account)), uint256(status));
    }
}
