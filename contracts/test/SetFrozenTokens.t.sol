// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {World} from "./support/World.sol";
import {IAmounts} from "../interfaces/IAmounts.sol";
import {IERC7943MultiToken} from "../interfaces/IERC7943.sol";
import {AMOUNT_MAX} from "../libraries/Constants.sol";
import {Roles} from "../libraries/Roles.sol";

contract SetFrozenTokensTest is World {
    function test_setFrozenTokens_refusesInOrder() public {
        refusesRole(STRANGER, Roles.REGULATOR);
        set(STRANGER, STRANGER, NO_BATCH, type(uint256).max);
        refusesUnknownBatch();
        set(REGULATOR, STRANGER, NO_BATCH, type(uint256).max);
        refusesUnknown(STRANGER);
        set(REGULATOR, STRANGER, BATCH, type(uint256).max);
        uint256 over = uint256(AMOUNT_MAX) + 1;
        refuses(abi.encodeWithSelector(IAmounts.AmountTooLarge.selector, over));
        set(REGULATOR, HOLDER, BATCH, over);
    }

    function test_setFrozenTokens_setsWhatIsFrozen() public {
        close("holder");
        pause();
        vm.expectEmit(address(registry));
        emit IERC7943MultiToken.Frozen(HOLDER, BATCH, AMOUNT_MAX);
        assertTrue(set(REGULATOR, HOLDER, BATCH, AMOUNT_MAX));
        assertHolding(HOLDER, ISSUED, 0, AMOUNT_MAX, 0);
        assertTotals(ISSUED, 0, 0, 0);
        assertTrue(set(REGULATOR, HOLDER, BATCH, 0));
        assertHolding(HOLDER, ISSUED, 0, 0, 0);
    }

    function set(
        address caller,
        address account,
        uint256 batch,
        uint256 amount
    ) private returns (bool) {
        vm.prank(caller);
        return registry.setFrozenTokens(account, batch, amount);
    }
}
