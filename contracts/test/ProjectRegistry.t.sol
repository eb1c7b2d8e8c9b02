// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {World} from "./support/World.sol";
import {IProjectRegistry} from "../interfaces/IProjectRegistry.sol";
import {Roles} from "../libraries/Roles.sol";

contract ProjectRegistryTest is World {
    uint64 private constant OTHER = 8;

    /// @dev Starts with everything wrong and mends one thing at a time.
    function test_registerProject_refusesInOrder() public {
        refusesRole(STRANGER, Roles.OPERATOR);
        register(STRANGER, 0, STRANGER);
        refusesProject(0);
        register(OPERATOR, 0, STRANGER);
        refuses(
            abi.encodeWithSelector(
                IProjectRegistry.ProjectAlreadyRegistered.selector,
                PROJECT
            )
        );
        register(OPERATOR, PROJECT, STRANGER);
        refusesUnknown(STRANGER);
        register(OPERATOR, OTHER, STRANGER);
        close("buyer");
        refusesClosed(BUYER);
        register(OPERATOR, OTHER, BUYER);
    }

    function test_registerProject_registers() public {
        vm.expectEmit(address(projects));
        emit IProjectRegistry.ProjectRegistered(OTHER, DEVELOPER, "root");
        register(OPERATOR, OTHER, DEVELOPER);
        assertEq(projects.developerOf(OTHER), DEVELOPER);
        assertEq(projects.versionOf(OTHER), 1);
        assertEq(projects.rootOf(OTHER, 1), "root");
    }

    function test_updateProject_refusesInOrder() public {
        refusesRole(STRANGER, Roles.OPERATOR);
        update(STRANGER, OTHER, "two");
        refusesProject(OTHER);
        update(OPERATOR, OTHER, "two");
    }

    function test_updateProject_keepsEarlierVersions() public {
        vm.expectEmit(address(projects));
        emit IProjectRegistry.ProjectUpdated(PROJECT, 2, "two");
        update(OPERATOR, PROJECT, "two");
        assertEq(projects.versionOf(PROJECT), 2);
        assertEq(projects.rootOf(PROJECT, 1), keccak256("root"));
        assertEq(projects.rootOf(PROJECT, 2), "two");
    }

    function test_rootOf_refusesInOrder() public {
        refusesProject(OTHER);
        projects.rootOf(OTHER, 0);
        refusesVersion(0);
        projects.rootOf(PROJECT, 0);
        refusesVersion(2);
        projects.rootOf(PROJECT, 2);
        refusesVersion(2);
        projects.proveDatum(PROJECT, 2, 0, new bytes32[](0));
    }

    function test_proveDatum_tellsTrueFromTampered() public {
        bytes32[3] memory leaves = [
            projects.leaf("country", "KE"),
            projects.leaf("developer", "Example Ltd"),
            projects.leaf("methodology", "VM0042")
        ];
        bytes32 left = pair(leaves[0], leaves[1]);
        update(OPERATOR, PROJECT, pair(left, leaves[2]));
        bytes32[] memory proof = new bytes32[](2);
        (proof[0], proof[1]) = (leaves[1], leaves[2]);
        assertTrue(projects.proveDatum(PROJECT, 2, leaves[0], proof));
        assertFalse(projects.proveDatum(PROJECT, 1, leaves[0], proof));
        bytes32 tampered = projects.leaf("country", "KF");
        assertFalse(projects.proveDatum(PROJECT, 2, tampered, proof));
        proof[1] = leaves[1];
        assertFalse(projects.proveDatum(PROJECT, 2, leaves[0], proof));
        // An inner node is no leaf: no datum hashes to it, as leaves are hashed twice.
        proof = new bytes32[](1);
        proof[0] = leaves[2];
        assertTrue(projects.proveDatum(PROJECT, 2, left, proof));
        assertTrue(left != projects.leaf(string(abi.encode(leaves[0])), ""));
    }

    function test_leaf_isHashedTwice() public view {
        bytes32 once = keccak256(
            abi.encodePacked(keccak256("country"), keccak256("KE"))
        );
        assertEq(projects.leaf("country", "KE"), keccak256(abi.encodePacked(once)));
    }

    function test_draw_refusesStrangers() public {
        refusesRole(OPERATOR, "CREDITS");
        vm.prank(OPERATOR);
        projects.draw(statement, PROJECT, 2020, 1);
    }

    /// @dev The other refusals are tested, in order, through issue.
    function test_fuzz_draw_neverExceedsTheStatement(uint64 first, uint64 second) public {
        uint64 left = 1_000 * TONNE - ISSUED;
        first = uint64(bound(first, 1, left));
        second = uint64(bound(second, 1, 2 * left));
        vm.prank(address(registry));
        projects.draw(statement, PROJECT, 2020, first);
        if (second > left - first) vm.expectRevert();
        vm.prank(address(registry));
        projects.draw(statement, PROJECT, 2020, second);
        (, uint64 drawn) = projects.statementOf(statement);
        assertAtMost(drawn, 1_000 * TONNE);
    }

    function test_statementOf_refusesUnknown() public {
        refuses(
            abi.encodeWithSelector(IProjectRegistry.UnknownStatement.selector, bytes32("no"))
        );
        projects.statementOf("no");
    }

    function pair(bytes32 a, bytes32 b) private pure returns (bytes32) {
        return a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
    }

    function refusesProject(uint64 project) private {
        refuses(abi.encodeWithSelector(IProjectRegistry.UnknownProject.selector, project));
    }

    function refusesVersion(uint32 version) private {
        refuses(
            abi.encodeWithSelector(
                IProjectRegistry.UnknownVersion.selector,
                PROJECT,
                version
            )
        );
    }

    function register(address caller, uint64 project, address developer) private {
        vm.prank(caller);
        projects.registerProject(project, developer, "root");
    }

    function update(address caller, uint64 project, bytes32 root) private {
        vm.prank(caller);
        projects.updateProject(project, root);
    }
}
