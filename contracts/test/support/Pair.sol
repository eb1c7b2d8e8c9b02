// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {World} from "./World.sol";
import {Authority} from "../../Authority.sol";
import {CarbonRegistry} from "../../CarbonRegistry.sol";
import {ProjectRegistry} from "../../ProjectRegistry.sol";
import {RegistryBridge} from "../../RegistryBridge.sol";
import {RetirementCertificate} from "../../RetirementCertificate.sol";
import {ICarbonRegistry} from "../../interfaces/ICarbonRegistry.sol";
import {IRegistryBridge} from "../../interfaces/IRegistryBridge.sol";
import {NO_HINT} from "../../libraries/Constants.sol";
import {MessageDigest} from "../../libraries/MessageDigest.sol";
import {Roles} from "../../libraries/Roles.sol";
import {Interval} from "../../types/Interval.sol";

/// @title Two registries with bridges: home, where BATCH is from, and abroad.
/// @dev One EVM plays both chains: whoever calls says first on which it is.
abstract contract Pair is World {
    uint256 internal constant HOME_CHAIN = 1;
    uint256 internal constant FAR_CHAIN = 2;
    uint256 internal constant HOME_KEY = 0xB0B;
    uint256 internal constant FAR_KEY = 0xCAFE;
    uint64 internal constant ALLOWANCE = 50 * TONNE;
    string internal constant HOME_NAME = "Test registry";
    string internal constant FAR_NAME = "Far registry";
    bytes32 internal constant HOME = keccak256(bytes(HOME_NAME));
    bytes32 internal constant FAR = keccak256(bytes(FAR_NAME));
    bytes32 internal constant SCOPE_HASH = keccak256(bytes(SCOPE));
    /// @dev The first batch that comes in.
    uint256 internal constant LOT = 1;

    Authority internal farAuthority;
    CarbonRegistry internal far;
    RegistryBridge internal bridge;
    RegistryBridge internal farBridge;
    uint64 internal deadline;
    uint256 internal homeChain;
    uint256 internal farChain;

    function setUp() public virtual override {
        super.setUp();
        farAuthority = new Authority(address(this));
        farAuthority.grantRole(Roles.OPERATOR, OPERATOR);
        farAuthority.grantRole(Roles.REGULATOR, REGULATOR);
        far = deployFar();
        bridge = new RegistryBridge(authority, registry, HOME_NAME);
        farBridge = new RegistryBridge(farAuthority, far, FAR_NAME);
        deadline = uint64(block.timestamp) + 1_000;
        join(HOME_CHAIN, FAR_CHAIN);
    }

    /// @dev Lets the two bridges know each other, as standing on these chains.
    function join(uint256 homeChain_, uint256 farChain_) internal {
        (homeChain, farChain) = (homeChain_, farChain_);
        authority.grantRole(Roles.BRIDGE, address(bridge));
        farAuthority.grantRole(Roles.BRIDGE, address(farBridge));
        vm.startPrank(OPERATOR);
        bridge.admitPeer(farTerms(farChain));
        farBridge.admitPeer(homeTerms(homeChain));
        vm.stopPrank();
    }

    /// @dev Another bridge in the place of one, such as a double without a guard.
    function replaceHome(RegistryBridge double) internal {
        bridge = double;
        join(HOME_CHAIN, FAR_CHAIN);
    }

    function replaceFar(RegistryBridge double) internal {
        farBridge = double;
        join(HOME_CHAIN, FAR_CHAIN);
    }

    function homeTerms(
        uint256 chain
    ) internal view returns (IRegistryBridge.PeerTerms memory) {
        return
            IRegistryBridge.PeerTerms(
                HOME_NAME,
                chain,
                address(bridge),
                vm.addr(HOME_KEY),
                ALLOWANCE
            );
    }

    function farTerms(
        uint256 chain
    ) internal view returns (IRegistryBridge.PeerTerms memory) {
        return
            IRegistryBridge.PeerTerms(
                FAR_NAME,
                chain,
                address(farBridge),
                vm.addr(FAR_KEY),
                ALLOWANCE
            );
    }

    function onHome() internal {
        vm.chainId(homeChain);
    }

    function onFar() internal {
        vm.chainId(farChain);
    }

    function orderOf(
        uint256 id,
        uint64 amount
    ) internal pure returns (IRegistryBridge.SendOrder memory) {
        return
            IRegistryBridge.SendOrder({
                id: id,
                batch: BATCH,
                amount: amount,
                target: FAR,
                to: BUYER,
                scope: SCOPE,
                hint: NO_HINT
            });
    }

    function returnOf(
        uint256 id,
        uint256 batch,
        uint64 amount
    ) internal view returns (IRegistryBridge.SendOrder memory order) {
        order = orderOf(id, amount);
        (order.batch, order.target, order.to) = (batch, HOME, LENDER);
        (order.hint, order.scope) = (farBridge.hintToSend(batch, amount), "");
    }

    /// @dev HOLDER sends credits of BATCH to BUYER abroad.
    function send(
        uint256 id,
        uint64 amount
    ) internal returns (IRegistryBridge.Message memory message) {
        onHome();
        vm.prank(HOLDER);
        bridge.send(orderOf(id, amount), deadline);
        message = messageOf(id);
        assertEq(bridge.messageHash(message), bridge.exportOf(id).message);
    }

    /// @dev BUYER sends credits of an imported batch home, to LENDER.
    function sendBack(
        uint256 id,
        uint256 batch,
        uint64 amount
    ) internal returns (IRegistryBridge.Message memory message) {
        onFar();
        IRegistryBridge.SendOrder memory order = returnOf(id, batch, amount);
        vm.prank(BUYER);
        farBridge.send(order, deadline);
        message = returnMessageOf(id);
        assertEq(farBridge.messageHash(message), farBridge.exportOf(id).message);
    }

    /// @dev What the home's signer signs about export `id`.
    function messageOf(
        uint256 id
    ) internal view returns (IRegistryBridge.Message memory message) {
        Interval taken = registry.intervalsOf(id)[0];
        (message.source, message.target) = (HOME, FAR);
        (message.sourceChain, message.sourceBridge) = (homeChain, address(bridge));
        (message.targetChain, message.targetBridge) = (farChain, address(farBridge));
        (message.id, message.number) = (id, bridge.exportOf(id).number);
        (message.home, message.exportId, message.scope) = (HOME, id, SCOPE);
        (message.start, message.end) = (taken.start(), taken.end());
        (message.vintage, message.to, message.deadline) = (2020, BUYER, deadline);
    }

    function returnMessageOf(
        uint256 id
    ) internal view returns (IRegistryBridge.Message memory message) {
        Interval taken = far.intervalsOf(id)[0];
        (, uint256 exportId, ) = farBridge.lotOf(far.dispositionOf(id).batch);
        (message.source, message.target) = (FAR, HOME);
        (message.sourceChain, message.sourceBridge) = (farChain, address(farBridge));
        (message.targetChain, message.targetBridge) = (homeChain, address(bridge));
        (message.id, message.number) = (id, farBridge.exportOf(id).number);
        (message.home, message.exportId, message.scope) = (HOME, exportId, SCOPE);
        (message.start, message.end) = (taken.start(), taken.end());
        (message.vintage, message.to, message.deadline) = (2020, LENDER, deadline);
    }

    function byHome(
        IRegistryBridge.Message memory message
    ) internal pure returns (bytes memory) {
        return signed(HOME_KEY, digestToSign(message));
    }

    function byFar(
        IRegistryBridge.Message memory message
    ) internal pure returns (bytes memory) {
        return signed(FAR_KEY, digestToSign(message));
    }

    /// @dev Without asking a contract, so that it can be called after a refusal was announced.
    function digestToSign(
        IRegistryBridge.Message memory message
    ) internal pure returns (bytes32) {
        bytes32 hash = MessageDigest.ofMessage(message, keccak256(bytes(message.scope)));
        return MessageDigest.toSign(hash, message.targetChain, message.targetBridge);
    }

    /// @dev Abroad takes in what came from home.
    function take(IRegistryBridge.Message memory message) internal {
        onFar();
        uint64 hint = farBridge.hintFor(SCOPE_HASH, message.start);
        farBridge.receiveMessage(message, byHome(message), hint);
    }

    /// @dev Home takes back what came from abroad.
    function takeBack(IRegistryBridge.Message memory message) internal {
        onHome();
        bridge.receiveMessage(message, byFar(message), NO_HINT);
    }

    /// @dev From BATCH at home to an imported batch abroad.
    function carry(uint256 id, uint64 amount) internal {
        take(send(id, amount));
    }

    function voidAbroad(IRegistryBridge.Message memory message) internal {
        vm.warp(deadline + 1);
        onFar();
        farBridge.voidMessage(message, byHome(message));
    }

    /// @dev What abroad's signer signs about a message that home sent.
    function receiptOf(
        uint256 id,
        IRegistryBridge.Outcome outcome
    ) internal returns (bytes memory) {
        onHome();
        bytes32 message = bridge.exportOf(id).message;
        return
            signed(
                FAR_KEY,
                bridge.receiptDigest(IRegistryBridge.Receipt(message, uint8(outcome)))
            );
    }

    function refusesPeer(bytes32 peer) internal {
        refuses(abi.encodeWithSelector(IRegistryBridge.UnknownPeer.selector, peer));
    }

    function refusesUnattested(bytes32 peer, uint256 id) internal {
        refuses(abi.encodeWithSelector(IRegistryBridge.NotAttested.selector, peer, id));
    }

    function refusesUsed(bytes32 peer, uint64 number) internal {
        refuses(
            abi.encodeWithSelector(IRegistryBridge.MessageAlreadyUsed.selector, peer, number)
        );
    }

    function refusesNotOutstanding(uint256 id, uint64 start, uint64 end) internal {
        refuses(
            abi.encodeWithSelector(ICarbonRegistry.NotOutstanding.selector, id, start, end)
        );
    }

    /// @dev Of BATCH: what is active and what is exported; nothing else is anywhere.
    function assertHome(uint64 active, uint64 exported) internal view {
        ICarbonRegistry.Totals memory totals = registry.totalsOf(BATCH);
        assertEq(totals.issued, active + exported);
        assertEq(totals.active, active);
        assertEq(totals.exported, exported);
    }

    /// @dev Of an imported batch, and what all of home's is that is outstanding abroad.
    function assertAbroad(uint256 batch, uint64 active, uint64 outstanding) internal view {
        assertEq(far.totalsOf(batch).active, active);
        assertEq(farBridge.outstandingOf(HOME), outstanding);
    }

    function deployFar() private returns (CarbonRegistry made) {
        uint64 nonce = vm.getNonce(address(this));
        address credits = vm.computeCreateAddress(address(this), nonce + 2);
        ProjectRegistry farProjects = new ProjectRegistry(farAuthority, directory, credits);
        RetirementCertificate farCertificate = new RetirementCertificate(credits, FAR_NAME);
        made = new CarbonRegistry(
            ICarbonRegistry.Config({
                name: FAR_NAME,
                native: true,
                authority: address(farAuthority),
                directory: address(directory),
                projects: address(farProjects),
                guard: address(index),
                certificate: address(farCertificate)
            })
        );
        assertEq(address(made), credits);
    }
}
