// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Pair} from "./support/Pair.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";
import {IRegistryBridge} from "../interfaces/IRegistryBridge.sol";
import {ISerialIndex} from "../interfaces/ISerialIndex.sol";
import {NO_HINT} from "../libraries/Constants.sol";
import {RefusingReceiver} from "../mocks/RefusingReceiver.sol";

contract CompensateTest is Pair {
    function test_compensate_refusesInOrder() public {
        onHome();
        refuses(abi.encodeWithSelector(IRegistryBridge.NoPendingExport.selector, 1));
        bridge.compensate(1, "", NO_HINT);
        IRegistryBridge.Message memory message = send(1, 10);
        bytes memory imported = receiptOf(1, IRegistryBridge.Outcome.Imported);
        bytes memory voided = receiptOf(1, IRegistryBridge.Outcome.Voided);
        voidAbroad(message);
        onHome();
        refusesUnattested(FAR, 1);
        bridge.compensate(1, "", NO_HINT);
        refusesUnattested(FAR, 1);
        bridge.compensate(1, imported, NO_HINT);
        bridge.compensate(1, voided, NO_HINT);
        refuses(abi.encodeWithSelector(IRegistryBridge.NoPendingExport.selector, 1));
        bridge.compensate(1, voided, NO_HINT);
        refuses(abi.encodeWithSelector(IRegistryBridge.NoPendingExport.selector, 1));
        bridge.acknowledge(1, imported);
    }

    function test_compensate_givesBackEverything() public {
        voidAbroad(send(1, 10));
        bytes memory receipt = receiptOf(1, IRegistryBridge.Outcome.Voided);
        freeze(HOLDER, ISSUED);
        close("holder");
        pause();
        vm.expectEmit(address(registry));
        emit TransferSingle(address(bridge), address(0), HOLDER, BATCH, 10);
        vm.expectEmit(address(bridge));
        emit IRegistryBridge.ExportCompensated(
            1,
            BATCH,
            HOLDER,
            10,
            START,
            START + 10,
            FAR,
            HOME,
            1,
            1
        );
        bridge.compensate(1, receipt, NO_HINT);
        assertHome(ISSUED, 0);
        assertHolding(HOLDER, ISSUED, 0, ISSUED, 0);
        assertDisposition(1, ICarbonRegistry.Kind.Export, 0, none());
        assertEq(
            uint256(bridge.exportOf(1).status),
            uint256(IRegistryBridge.Status.Compensated)
        );
        (uint64 cursor, , ) = registry.releasedOf(BATCH);
        assertEq(cursor, START);
    }

    /// @dev A return that came too late is here again, allowance or not.
    function test_compensate_claimsAgainWhatDidNotGetHome() public {
        carry(1, 10);
        IRegistryBridge.Message memory message = sendBack(1, LOT, 4);
        assertAbroad(LOT, 6, 6);
        IRegistryBridge.PeerTerms memory terms = homeTerms(HOME_CHAIN);
        terms.allowance = 0;
        vm.prank(OPERATOR);
        farBridge.admitPeer(terms);
        vm.warp(deadline + 1);
        onHome();
        bridge.voidMessage(message, byFar(message));
        bytes memory receipt = receiptOfReturn(1);
        uint64 hint = START + 4;
        refuses(abi.encodeWithSelector(ISerialIndex.StaleHint.selector, hint));
        farBridge.compensate(1, receipt, hint);
        vm.expectEmit(address(farBridge));
        emit IRegistryBridge.ExportCompensated(
            1,
            LOT,
            BUYER,
            4,
            START,
            START + 4,
            HOME,
            HOME,
            1,
            1
        );
        farBridge.compensate(1, receipt, NO_HINT);
        assertAbroad(LOT, 10, 10);
        assertEq(farBridge.hintFor(SCOPE_HASH, START + 9), START);
        assertHome(ISSUED - 10, 10);
    }

    /// @dev On the operators' word alone the same serials came in meanwhile.
    function test_compensate_refusesSerialsThatAreHereAgain() public {
        carry(1, 10);
        IRegistryBridge.Message memory message = sendBack(1, LOT, 4);
        vm.prank(OPERATOR);
        farBridge.mirror(
            IRegistryBridge.MirrorOrder(HOME, 9, SCOPE, START, 1, 2020, BUYER, NO_HINT)
        );
        vm.warp(deadline + 1);
        onHome();
        bridge.voidMessage(message, byFar(message));
        bytes memory receipt = receiptOfReturn(1);
        refuses(
            abi.encodeWithSelector(
                IRegistryBridge.IntervalAlreadyHere.selector,
                SCOPE_HASH,
                START,
                START + 1
            )
        );
        farBridge.compensate(1, receipt, NO_HINT);
    }

    function test_compensate_worksWhenReceiverRefuses() public {
        address future = vm.computeCreateAddress(address(this), vm.getNonce(address(this)));
        open(future, "refuser");
        vm.prank(HOLDER);
        registry.safeTransferFrom(HOLDER, future, BATCH, 5, "");
        new RefusingReceiver(true);
        onHome();
        vm.prank(future);
        bridge.send(orderOf(1, 5), deadline);
        voidAbroad(messageOf(1));
        bytes memory receipt = receiptOf(1, IRegistryBridge.Outcome.Voided);
        bridge.compensate(1, receipt, NO_HINT);
        assertHolding(future, 5, 0, 0, 0);
    }

    /// @dev A target that lies about a message of which part came back: what is left comes back,
    /// and nothing twice.
    function test_compensate_givesBackWhatIsLeft() public {
        carry(1, 10);
        IRegistryBridge.Message memory message = sendBack(1, LOT, 4);
        (message.start, message.end) = (START + 3, START + 7);
        takeBack(message);
        bytes memory receipt = receiptOf(1, IRegistryBridge.Outcome.Voided);
        bridge.compensate(1, receipt, NO_HINT);
        assertHome(ISSUED, 0);
        assertHolding(HOLDER, ISSUED - 4, 0, 0, 0);
        assertHolding(LENDER, 4, 0, 0, 0);
    }

    /// @dev The same lie about a message of which everything came back: there is nothing to say.
    function test_compensate_refusesWhatCameBackByItself() public {
        carry(1, 10);
        takeBack(sendBack(1, LOT, 10));
        bytes memory receipt = receiptOf(1, IRegistryBridge.Outcome.Voided);
        refuses(abi.encodeWithSelector(IRegistryBridge.NoPendingExport.selector, 1));
        bridge.compensate(1, receipt, NO_HINT);
        assertEq(uint256(bridge.exportOf(1).status), uint256(IRegistryBridge.Status.Pending));
        assertHome(ISSUED, 0);
    }

    function receiptOfReturn(uint256 id) private returns (bytes memory) {
        onFar();
        bytes32 message = farBridge.exportOf(id).message;
        return
            signed(
                HOME_KEY,
                farBridge.receiptDigest(IRegistryBridge.Receipt(message, 2))
            );
    }
}
