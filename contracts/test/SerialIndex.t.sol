// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {World} from "./support/World.sol";
import {ISerialGuard} from "../interfaces/ISerialGuard.sol";
import {ISerialIndex} from "../interfaces/ISerialIndex.sol";
import {NO_HINT} from "../libraries/Constants.sol";
import {Roles} from "../libraries/Roles.sol";

contract SerialIndexTest is World {
    bytes32 private constant WHERE = "scope";

    function setUp() public override {
        super.setUp();
        vm.prank(OPERATOR);
        index.admit(address(this));
    }

    function test_admit_refusesStrangers() public {
        refusesRole(STRANGER, Roles.OPERATOR);
        vm.prank(STRANGER);
        index.admit(STRANGER);
    }

    function test_admit_admitsOnce() public {
        assertFalse(index.isAdmitted(STRANGER));
        vm.expectEmit(address(index));
        emit ISerialGuard.RegistryAdmitted(STRANGER, 3);
        vm.prank(OPERATOR);
        index.admit(STRANGER);
        assertTrue(index.isAdmitted(STRANGER));
        vm.recordLogs();
        vm.prank(OPERATOR);
        index.admit(STRANGER);
        assertEq(vm.getRecordedLogs().length, 0);
    }

    /// @dev Starts with everything wrong and mends one thing at a time.
    function test_claim_refusesInOrder() public {
        index.claim(WHERE, 10, 20, NO_HINT);
        refuses(abi.encodeWithSelector(ISerialGuard.NotAdmitted.selector, STRANGER));
        vm.prank(STRANGER);
        index.claim(WHERE, 15, 15, 11);
        refuses(abi.encodeWithSelector(ISerialIndex.EmptyInterval.selector, 15, 15));
        index.claim(WHERE, 15, 15, 11);
        refuses(abi.encodeWithSelector(ISerialIndex.EmptyInterval.selector, 15, 14));
        index.claim(WHERE, 15, 14, 11);
        refuses(abi.encodeWithSelector(ISerialIndex.StaleHint.selector, 11));
        index.claim(WHERE, 15, 16, 11);
        refuses(abi.encodeWithSelector(ISerialIndex.StaleHint.selector, 10));
        index.claim(WHERE, 5, 16, 10);
        refusesClaimed(10, 20);
        index.claim(WHERE, 15, 16, 10);
    }

    function test_claim_namesTheLowestThatItMeets() public {
        index.claim(WHERE, 10, 20, NO_HINT);
        index.claim(WHERE, 30, 40, 10);
        refusesClaimed(10, 20);
        index.claim(WHERE, 5, 50, NO_HINT);
        refusesClaimed(10, 20);
        index.claim(WHERE, 19, 31, 10);
        refusesClaimed(30, 40);
        index.claim(WHERE, 20, 31, 10);
        refusesClaimed(10, 20);
        index.claim(WHERE, 10, 20, NO_HINT);
    }

    function test_claim_mergesNeighboursOfOneOwner() public {
        index.claim(WHERE, 10, 20, NO_HINT);
        index.claim(WHERE, 30, 40, 10);
        index.claim(WHERE, 20, 30, 10);
        assertEq(index.hintFor(WHERE, 39), 10);
        refusesClaimed(10, 40);
        index.claim(WHERE, 35, 36, 10);
        // What was merged is no node any more.
        refuses(abi.encodeWithSelector(ISerialIndex.StaleHint.selector, 30));
        index.claim(WHERE, 40, 41, 30);
        index.claim(WHERE, 0, 10, NO_HINT);
        refusesClaimed(0, 40);
        index.claim(WHERE, 0, 1, NO_HINT);
    }

    function test_claim_keepsNeighboursOfOthersApart() public {
        index.claim(WHERE, 10, 20, NO_HINT);
        vm.prank(address(registry));
        index.claim(WHERE, 20, 30, 10);
        vm.prank(address(registry));
        index.claim(WHERE, 5, 10, NO_HINT);
        refusesClaimed(10, 20);
        index.claim(WHERE, 15, 25, NO_HINT);
        refusesClaimed(20, 30);
        index.claim(WHERE, 20, 25, 20);
    }

    function test_claim_keepsScopesApart() public {
        index.claim(WHERE, 10, 20, NO_HINT);
        index.claim("other", 10, 20, NO_HINT);
        assertEq(index.hintFor("third", 100), NO_HINT);
    }

    function test_claim_followsAtMostThirtyTwoLinks() public {
        for (uint64 i = 0; i < 33; ++i) {
            index.claim(WHERE, 10 * i, 10 * i + 5, i == 0 ? NO_HINT : 10 * (i - 1));
        }
        refuses(abi.encodeWithSelector(ISerialIndex.StaleHint.selector, NO_HINT));
        index.claim(WHERE, 1000, 1001, NO_HINT);
        index.claim(WHERE, 1000, 1001, 0);
        assertEq(index.hintFor(WHERE, 2000), 1000);
    }

    function test_claim_takesTheWholeRange() public {
        index.claim(WHERE, 0, NO_HINT, NO_HINT);
        refusesClaimed(0, NO_HINT);
        index.claim(WHERE, NO_HINT - 1, NO_HINT, 0);
        assertEq(index.hintFor(WHERE, NO_HINT), 0);
    }

    function test_fuzz_claim_agreesWithATable(uint256 seed) public {
        bool[] memory taken = new bool[](64);
        for (uint256 i = 0; i < 40; ++i) {
            seed = uint256(keccak256(abi.encode(seed, i)));
            uint64 start = uint64(seed % 60);
            uint64 end = start + 1 + uint64((seed >> 64) % 4);
            bool free = true;
            for (uint64 gram = start; gram < end; ++gram) free = free && !taken[gram];
            uint64 hint = (seed >> 128) % 2 == 0 ? NO_HINT : index.hintFor(WHERE, start);
            if (!free) vm.expectRevert();
            vm.prank((seed >> 129) % 2 == 0 ? address(this) : address(registry));
            index.claim(WHERE, start, end, hint);
            for (uint64 gram = start; free && gram < end; ++gram) taken[gram] = true;
        }
    }

    function refusesClaimed(uint64 start, uint64 end) private {
        refuses(
            abi.encodeWithSelector(
                ISerialGuard.SerialAlreadyClaimed.selector,
                WHERE,
                start,
                end
            )
        );
    }
}
