// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ICarbonRegistry} from "../interfaces/ICarbonRegistry.sol";
import {Interval, NOTHING, interval} from "../types/Interval.sol";
import {MAX_PIECES, NO_START} from "./Constants.sol";

/// @title Which serials a disposition takes, and where they go when given back.
/// @notice Inside a batch credits are fungible until they leave the balances. Then they come from
/// the top of the released stack if that alone has enough, else from the cursor if what is left
/// there is enough, else in several pieces, stack first; an export takes one piece or none.
/// @dev Disjointness (C4) is by construction: a gram is above the cursor, or in the stack, or in
/// one record, or was given away for good. Amounts are above 0 and covered by the batch's active
/// total; the CarbonRegistry, into which this library is linked, sees to both.
library SerialLedger {
    /// @dev Slot 0 is all that a retirement writes. Active is what the other totals leave.
    struct Batch {
        uint64 cursor;
        uint64 end;
        uint64 retired;
        uint48 stacked;
        uint16 vintage;
        uint64 issued;
        uint64 locked;
        uint64 cancelled;
        uint64 exported;
        bytes32 scope;
        bytes32 statement;
        mapping(uint256 position => Interval) stack;
    }

    /// @dev What stands under an id. Pieces [head, tail) are still held; positions are counted
    /// modulo 256, so that there are at most 255. Slots after `batch` are only written by requests
    /// and pledges.
    struct Record {
        address holder;
        uint64 amount;
        ICarbonRegistry.Kind kind;
        uint8 head;
        uint8 tail;
        uint256 batch;
        address lender;
        uint64 deadline;
        bytes32 claim;
        mapping(uint256 position => Interval) pieces;
    }

    /// @notice Takes `amount` out of the batch.
    /// @param whole Whether it must be one piece.
    /// @dev Reverts: TooFragmented.
    function take(
        Batch storage batch,
        uint256 id,
        uint64 amount,
        bool whole
    ) external returns (Interval[] memory pieces) {
        (uint64 cursor, uint48 stacked) = (batch.cursor, batch.stacked);
        uint64 top = stacked == 0 ? 0 : batch.stack[stacked - 1].span();
        bool topIsEnough = top >= amount;
        uint64 room = batch.end - cursor;
        if (!topIsEnough && room < amount) {
            if (whole) revert ICarbonRegistry.TooFragmented(id, top > room ? top : room);
            return _takePieces(batch, id, amount);
        }
        pieces = new Interval[](1);
        if (topIsEnough) {
            pieces[0] = _takeFromTop(batch, amount);
        } else {
            pieces[0] = interval(cursor, cursor + amount);
            batch.cursor = cursor + amount;
        }
    }

    /// @notice Gives `amount`, at most what the record `id` holds, back.
    /// @param start Where it starts, inside one piece; NO_START for the front of the record.
    /// @return pieces What was given back, in the order in which it was taken.
    /// @dev Reverts: NotOutstanding, TooFragmented, both for a start alone.
    function giveBack(
        Batch storage batch,
        Record storage record,
        uint256 id,
        uint64 amount,
        uint64 start
    ) external returns (Interval[] memory pieces) {
        if (start == NO_START) pieces = _giveBackFront(batch, record, amount);
        else pieces = _giveBackPart(batch, record, id, amount, start);
        record.amount -= amount;
    }

    /// @notice What the record still holds.
    function heldBy(Record storage record) external view returns (Interval[] memory pieces) {
        pieces = new Interval[](_countOf(record));
        for (uint256 i = 0; i < pieces.length; ++i) {
            pieces[i] = record.pieces[_after(record.head, i)];
        }
    }

    /// @notice The batch's released intervals, top last.
    function stackOf(Batch storage batch) external view returns (Interval[] memory stack) {
        stack = new Interval[](batch.stacked);
        for (uint256 i = 0; i < stack.length; ++i) stack[i] = batch.stack[i];
    }

    function _giveBackFront(
        Batch storage batch,
        Record storage record,
        uint64 amount
    ) private returns (Interval[] memory pieces) {
        pieces = new Interval[](_countOf(record));
        (uint8 head, uint256 count) = (record.head, 0);
        while (amount > 0) {
            Interval piece = record.pieces[head];
            if (piece.span() > amount) {
                uint64 cut = piece.start() + amount;
                record.pieces[head] = interval(cut, piece.end());
                piece = interval(piece.start(), cut);
            } else {
                record.pieces[head] = NOTHING;
                head = _after(head, 1);
            }
            amount -= piece.span();
            _free(batch, piece);
            pieces[count++] = piece;
        }
        record.head = head;
        _shorten(pieces, count);
    }

    function _giveBackPart(
        Batch storage batch,
        Record storage record,
        uint256 id,
        uint64 amount,
        uint64 start
    ) private returns (Interval[] memory pieces) {
        // Nothing is held from 2^63 on, so that an end that wraps is not found either.
        uint64 end;
        unchecked {
            end = start + amount;
        }
        uint8 place = _placeOf(record, id, start, end);
        Interval piece = record.pieces[place];
        if (piece.start() < start) {
            record.pieces[place] = interval(piece.start(), start);
            if (end < piece.end()) _append(record, interval(end, piece.end()));
        } else if (end < piece.end()) {
            record.pieces[place] = interval(end, piece.end());
        } else {
            uint8 last = _after(record.tail, 255);
            record.pieces[place] = record.pieces[last];
            (record.pieces[last], record.tail) = (NOTHING, last);
        }
        pieces = new Interval[](1);
        pieces[0] = interval(start, end);
        _free(batch, pieces[0]);
    }

    function _append(Record storage record, Interval piece) private {
        if (_countOf(record) == 255) revert ICarbonRegistry.TooFragmented(record.batch, 0);
        uint8 tail = record.tail;
        (record.pieces[tail], record.tail) = (piece, _after(tail, 1));
    }

    /// @dev At most 255 pieces are looked at.
    function _placeOf(
        Record storage record,
        uint256 id,
        uint64 start,
        uint64 end
    ) private view returns (uint8 place) {
        uint256 count = start < end ? _countOf(record) : 0;
        for (uint256 i = 0; i < count; ++i) {
            place = _after(record.head, i);
            Interval piece = record.pieces[place];
            if (piece.start() <= start && end <= piece.end()) return place;
        }
        revert ICarbonRegistry.NotOutstanding(id, start, end);
    }

    function _countOf(Record storage record) private view returns (uint256) {
        // Wraps on purpose: positions are counted modulo 256.
        unchecked {
            return uint8(record.tail - record.head);
        }
    }

    function _after(uint8 position, uint256 steps) private pure returns (uint8) {
        // Wraps on purpose: positions are counted modulo 256, and `steps` is below that.
        unchecked {
            return uint8(position + steps);
        }
    }

    function _takePieces(
        Batch storage batch,
        uint256 id,
        uint64 amount
    ) private returns (Interval[] memory pieces) {
        pieces = new Interval[](MAX_PIECES);
        uint64 needed = amount;
        uint256 count = 0;
        for (; needed > 0 && count < MAX_PIECES && batch.stacked != 0; ++count) {
            pieces[count] = _takeFromTop(batch, needed);
            needed -= pieces[count].span();
        }
        if (needed > 0) {
            uint64 cursor = batch.cursor;
            // All 16 came from the stack: else the cursor has the rest, as active covers it.
            if (count == MAX_PIECES) {
                uint64 room = batch.end - cursor;
                uint64 found = amount - needed;
                revert ICarbonRegistry.TooFragmented(id, found > room ? found : room);
            }
            pieces[count++] = interval(cursor, cursor + needed);
            batch.cursor = cursor + needed;
        }
        _shorten(pieces, count);
    }

    /// @dev Takes `amount` from the front of the top, or all of it if it has less.
    function _takeFromTop(Batch storage batch, uint64 amount) private returns (Interval piece) {
        uint48 top = batch.stacked - 1;
        piece = batch.stack[top];
        if (piece.span() <= amount) {
            batch.stack[top] = NOTHING;
            batch.stacked = top;
        } else {
            uint64 cut = piece.start() + amount;
            batch.stack[top] = interval(cut, piece.end());
            piece = interval(piece.start(), cut);
        }
    }

    /// @dev Rolls the cursor back where the piece touches it, else merges it with the top of the
    /// stack where they touch, else puts it on top.
    function _free(Batch storage batch, Interval piece) private {
        uint48 stacked = batch.stacked;
        if (piece.end() == batch.cursor) {
            uint64 cursor = piece.start();
            // Bounded, so that a release has bounded cost; what stays in the stack is not lost.
            for (uint256 pops = 0; pops < MAX_PIECES && stacked != 0; ++pops) {
                Interval next = batch.stack[stacked - 1];
                if (next.end() != cursor) break;
                cursor = next.start();
                batch.stack[--stacked] = NOTHING;
            }
            (batch.cursor, batch.stacked) = (cursor, stacked);
            return;
        }
        if (stacked != 0) {
            Interval top = batch.stack[stacked - 1];
            if (top.end() == piece.start()) {
                batch.stack[stacked - 1] = interval(top.start(), piece.end());
                return;
            }
            if (top.start() == piece.end()) {
                batch.stack[stacked - 1] = interval(piece.start(), top.end());
                return;
            }
        }
        batch.stack[stacked] = piece;
        batch.stacked = stacked + 1;
    }

    function _shorten(Interval[] memory pieces, uint256 count) private pure {
        // Safe: count is at most the length that was allocated.
        assembly ("memory-safe") {
            mstore(pieces, count)
        }
    }
}
