// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Pair} from "./support/Pair.sol";
import {IRegistryBridge} from "../interfaces/IRegistryBridge.sol";

contract AcknowledgeTest is Pair {
    function test_acknowledge_refusesInOrder() public {
        onHome();
        refusesNotPending(1);
        bridge.acknowledge(1, "");
        IRegistryBridge.Message memory message = send(1, 10);
        bytes memory voided = receiptOf(1, IRegistryBridge.Outcome.Voided);
        bytes memory imported = receiptOf(1, IRegistryBridge.Outcome.Imported);
        bytes memory byAnother =
            signed(
                HOME_KEY,
                bridge.receiptDigest(IRegistryBridge.Receipt(bridge.exportOf(1).message, 1))
            );
        refusesUnattested(FAR, 1);
        bridge.acknowledge(1, "");
        refusesUnattested(FAR, 1);
        bridge.acknowledge(1, voided);
        refusesUnattested(FAR, 1);
        bridge.acknowledge(1, byAnother);
        take(message);
        onHome();
        bridge.acknowledge(1, imported);
        refusesNotPending(1);
        bridge.acknowledge(1, imported);
        refusesNotPending(1);
        bridge.compensate(1, voided, 0);
    }

    function test_acknowledge_refusesReceiptsOfOtherExports() public {
        send(1, 10);
        send(2, 10);
        bytes memory other = receiptOf(2, IRegistryBridge.Outcome.Imported);
        refusesUnattested(FAR, 1);
        bridge.acknowledge(1, other);
    }

    function test_acknowledge_notesTheArrival() public {
        carry(1, 10);
        // What came back before changes nothing of what is acknowledged.
        takeBack(sendBack(1, LOT, 4));
        bytes memory receipt = receiptOf(1, IRegistryBridge.Outcome.Imported);
        pause();
        vm.expectEmit(address(bridge));
        emit IRegistryBridge.ExportAcknowledged(1, BATCH, HOLDER, 10, FAR, 1);
        bridge.acknowledge(1, receipt);
        assertEq(
            uint256(bridge.exportOf(1).status),
            uint256(IRegistryBridge.Status.Delivered)
        );
        assertHome(ISSUED - 6, 6);
    }

    function refusesNotPending(uint256 id) private {
        refuses(abi.encodeWithSelector(IRegistryBridge.NoPendingExport.selector, id));
    }
}
