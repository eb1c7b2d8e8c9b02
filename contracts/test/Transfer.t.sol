// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {World} from "./support/World.sol";
import {IAmounts} from "../interfaces/IAmounts.sol";
import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";
import {RefusingReceiver} from "../mocks/RefusingReceiver.sol";

contract TransferTest is World {
    event TransferBatch(
        address indexed operator,
        address indexed from,
        address indexed to,
        uint256[] ids,
        uint256[] values
    );

    error ERC1155MissingApprovalForAll(address operator, address owner);
    error ERC1155InvalidArrayLength(uint256 idsLength, uint256 valuesLength);

    /// @dev Starts with everything wrong and mends one thing at a time.
    function test_safeTransferFrom_refusesInOrder() public {
        pause();
        refuses(
            abi.encodeWithSelector(ERC1155MissingApprovalForAll.selector, STRANGER, HOLDER)
        );
        vm.prank(STRANGER);
        registry.safeTransferFrom(HOLDER, LENDER, NO_BATCH, 0, "");
        refusesPaused();
        attempt(STRANGER, address(0), NO_BATCH, 0);
        unpause();
        refusesZero();
        attempt(STRANGER, address(0), NO_BATCH, 0);
        refusesUnknownBatch();
        attempt(STRANGER, address(0), NO_BATCH, 1);
        refusesUnknown(STRANGER);
        attempt(STRANGER, address(0), BATCH, ISSUED + 1);
        refusesUnknown(address(0));
        attempt(HOLDER, address(0), BATCH, ISSUED + 1);
        refusesInsufficient(HOLDER, ISSUED, type(uint256).max);
        attempt(HOLDER, BUYER, BATCH, type(uint256).max);
        pledge(1, 10);
        freeze(HOLDER, 20);
        refusesEncumbered(ISSUED, 10, 20, ISSUED - 29);
        attempt(HOLDER, BUYER, BATCH, ISSUED - 29);
        attempt(HOLDER, BUYER, BATCH, ISSUED - 30);
    }

    function test_safeTransferFrom_refusesWhenEitherAccountIsClosed() public {
        close("buyer");
        refusesClosed(BUYER);
        attempt(HOLDER, BUYER, BATCH, 1);
        close("holder");
        refusesClosed(HOLDER);
        attempt(HOLDER, BUYER, BATCH, 1);
    }

    function test_safeTransferFrom_refusesWhenFrozenAboveBalance() public {
        freeze(HOLDER, ISSUED * 2);
        refusesEncumbered(ISSUED, 0, ISSUED * 2, 1);
        attempt(HOLDER, BUYER, BATCH, 1);
    }

    function test_safeTransferFrom_refusesWhenReceiverRefuses() public {
        RefusingReceiver refuser = new RefusingReceiver(false);
        open(address(refuser), "refuser");
        vm.expectRevert(RefusingReceiver.Refused.selector);
        attempt(HOLDER, address(refuser), BATCH, 1);
    }

    function test_safeTransferFrom_moves() public {
        vm.expectEmit(address(registry));
        emit TransferSingle(HOLDER, HOLDER, BUYER, BATCH, 30);
        attempt(HOLDER, BUYER, BATCH, 30);
        assertTotals(ISSUED, 0, 0, 0);
        assertHolding(HOLDER, ISSUED - 30, 0, 0, 0);
        assertHolding(BUYER, 30, 0, 0, 0);
    }

    function test_safeTransferFrom_movesWhenApproved() public {
        vm.prank(HOLDER);
        registry.setApprovalForAll(STRANGER, true);
        vm.prank(STRANGER);
        registry.safeTransferFrom(HOLDER, BUYER, BATCH, 30, "");
        assertHolding(BUYER, 30, 0, 0, 0);
    }

    function test_safeTransferFrom_toOneselfChangesNothing() public {
        attempt(HOLDER, HOLDER, BATCH, ISSUED);
        assertHolding(HOLDER, ISSUED, 0, 0, 0);
    }

    function test_safeBatchTransferFrom_refusesInOrder() public {
        uint256[] memory batches = new uint256[](2);
        uint256[] memory amounts = new uint256[](1);
        (batches[0], batches[1]) = (BATCH, BATCH);
        pause();
        refuses(
            abi.encodeWithSelector(ERC1155MissingApprovalForAll.selector, STRANGER, HOLDER)
        );
        vm.prank(STRANGER);
        registry.safeBatchTransferFrom(HOLDER, BUYER, batches, amounts, "");
        refusesPaused();
        attemptBatch(batches, amounts);
        unpause();
        refuses(abi.encodeWithSelector(ERC1155InvalidArrayLength.selector, 2, 1));
        attemptBatch(batches, amounts);
        amounts = new uint256[](2);
        refusesZero();
        attemptBatch(batches, amounts);
        (amounts[0], amounts[1]) = (ISSUED - 5, 6);
        refusesInsufficient(HOLDER, 5, 6);
        attemptBatch(batches, amounts);
    }

    function test_safeBatchTransferFrom_refusesEmptyArrays() public {
        refuses(abi.encodeWithSelector(IAmounts.ZeroAmount.selector));
        vm.prank(HOLDER);
        registry.safeBatchTransferFrom(HOLDER, BUYER, new uint256[](0), new uint256[](0), "");
    }

    function test_safeBatchTransferFrom_movesTheSameBatchTwice() public {
        uint256[] memory batches = new uint256[](2);
        uint256[] memory amounts = new uint256[](2);
        (batches[0], batches[1]) = (BATCH, BATCH);
        (amounts[0], amounts[1]) = (10, 20);
        vm.expectEmit(address(registry));
        emit TransferBatch(HOLDER, HOLDER, BUYER, batches, amounts);
        attemptBatch(batches, amounts);
        assertHolding(HOLDER, ISSUED - 30, 0, 0, 0);
        assertHolding(BUYER, 30, 0, 0, 0);
    }

    function test_transferMany_movesAllOrNothing() public {
        ICarbonRegistry.TransferOrder[] memory orders = new ICarbonRegistry.TransferOrder[](3);
        orders[0] = ICarbonRegistry.TransferOrder(BATCH, BUYER, 10);
        orders[1] = ICarbonRegistry.TransferOrder(BATCH, LENDER, 20);
        orders[2] = ICarbonRegistry.TransferOrder(BATCH, BUYER, ISSUED);
        refusesInsufficient(HOLDER, ISSUED - 30, ISSUED);
        vm.prank(HOLDER);
        registry.transferMany(orders);
        orders[2].amount = 30;
        vm.expectEmit(address(registry));
        emit TransferSingle(HOLDER, HOLDER, BUYER, BATCH, 10);
        vm.expectEmit(address(registry));
        emit TransferSingle(HOLDER, HOLDER, LENDER, BATCH, 20);
        vm.prank(HOLDER);
        registry.transferMany(orders);
        assertHolding(HOLDER, ISSUED - 60, 0, 0, 0);
        assertHolding(BUYER, 40, 0, 0, 0);
        assertHolding(LENDER, 20, 0, 0, 0);
    }

    function test_transferMany_refusesInOrder() public {
        ICarbonRegistry.TransferOrder[] memory orders = new ICarbonRegistry.TransferOrder[](1);
        orders[0] = ICarbonRegistry.TransferOrder(NO_BATCH, STRANGER, 0);
        pause();
        refusesPaused();
        attemptMany(STRANGER, orders);
        unpause();
        refusesZero();
        attemptMany(STRANGER, orders);
        orders[0].amount = ISSUED + 1;
        refusesUnknownBatch();
        attemptMany(STRANGER, orders);
        orders[0].batch = BATCH;
        refusesUnknown(STRANGER);
        attemptMany(STRANGER, orders);
        refusesUnknown(STRANGER);
        attemptMany(HOLDER, orders);
        orders[0].to = BUYER;
        refusesInsufficient(HOLDER, ISSUED, ISSUED + 1);
        attemptMany(HOLDER, orders);
    }

    function test_fuzz_transfer_keepsSum(uint256 amount, bool toSelf) public {
        amount = bound(amount, 1, ISSUED * 2);
        address to = toSelf ? HOLDER : BUYER;
        if (amount > ISSUED) refusesInsufficient(HOLDER, ISSUED, amount);
        attempt(HOLDER, to, BATCH, amount);
        uint256 sum = registry.balanceOf(HOLDER, BATCH) + registry.balanceOf(BUYER, BATCH);
        assertEq(sum, ISSUED);
    }

    function attempt(address caller, address to, uint256 batch, uint256 amount) private {
        vm.prank(caller);
        registry.safeTransferFrom(caller, to, batch, amount, "");
    }

    function attemptBatch(uint256[] memory batches, uint256[] memory amounts) private {
        vm.prank(HOLDER);
        registry.safeBatchTransferFrom(HOLDER, BUYER, batches, amounts, "");
    }

    function attemptMany(
        address caller,
        ICarbonRegistry.TransferOrder[] memory orders
    ) private {
        vm.prank(caller);
        registry.transferMany(orders);
    }
}
