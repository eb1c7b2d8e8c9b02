"""What to write down of a chain: its genesis and its transactions, from which all else follows.

Opening a chain again executes it again. A block whose hash comes out another than it was is
noticed, because the hash covers what the transactions did.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

import rlp
from rlp.exceptions import RLPException
from rlp.sedes import CountableList, List, big_endian_int, binary, boolean

from registry.chain.revm.blocks import Block, Genesis, Start
from registry.chain.revm.chain import Chain
from registry.chain.transactions import decode, encode
from registry.errors import ChainDamaged, ChainError

_GENESIS: Final = b"g"
_HEAD: Final = b"h"

_NUMBER: Final = big_endian_int
_START_SHAPE: Final = List(
    # Address, balance, nonce, code, storage by slot.
    [binary, _NUMBER, _NUMBER, binary, CountableList(List([_NUMBER, _NUMBER]))]
)
_GENESIS_SHAPE: Final = List(
    # Chain id, time, gas limit, base fee, is free, accounts with their storage.
    [_NUMBER] * 4 + [boolean, CountableList(_START_SHAPE)]
)
_BLOCK_SHAPE: Final = List(
    # Hash, time, coinbase, gifts as (before, address, wei), transactions, each with its length.
    [binary, _NUMBER, binary, CountableList(List([_NUMBER, binary, _NUMBER])), binary]
)
_LENGTH_BYTES: Final = 4
_HEAD_SHAPE: Final = List([_NUMBER, binary])


def _key(number: int) -> bytes:
    return b"b" + number.to_bytes(8, "big")


class Keeper:
    """Knows what of a chain has been written down.

    Args:
        chain: The chain.
        is_kept: Whether all of it is.
    """

    def __init__(self, chain: Chain, *, is_kept: bool = False) -> None:
        self._chain = chain
        self._kept = (
            [chain.block(number).hash for number in range(chain.head.number + 1)] if is_kept else []
        )

    def changes(self) -> dict[bytes, bytes | None]:
        """Return what changed since the last call: key -> value, None where the key is gone.

        A block that is being made is not in it.
        """
        chain, kept = self._chain, self._kept
        head = chain.head.number
        common = min(len(kept), head + 1)
        while common and chain.block(common - 1).hash != kept[common - 1]:
            common -= 1
        if common == len(kept) == head + 1:
            return {}
        found: dict[bytes, bytes | None] = {} if kept else {_GENESIS: _genesis_text(chain)}
        found |= {_key(number): None for number in range(head + 1, len(kept))}
        blocks = [chain.block(number) for number in range(common, head + 1)]
        found |= {_key(block.number): _block_text(block) for block in blocks}
        found[_HEAD] = cast(bytes, rlp.encode([head, chain.head.hash], _HEAD_SHAPE))
        kept[common:] = [block.hash for block in blocks]
        return found


def reopened(pairs: Mapping[bytes, bytes]) -> Chain:
    """Make a chain from the union of all changes of another, as that one was.

    Raises:
        ChainDamaged: a pair is missing, or is not what was handed out.
    """
    chain_id, genesis = _genesis(_read(pairs, _GENESIS, _GENESIS_SHAPE, "the genesis block"))
    chain = Chain(chain_id=chain_id, genesis=genesis)
    head, hash = _read(pairs, _HEAD, _HEAD_SHAPE, "the head")
    if len(pairs) != head + 3:
        raise ChainDamaged(f"the chain was kept in {head + 3} pairs, and {len(pairs)} are here")
    for number in range(head + 1):
        name = f"block {number}"
        record = _read(pairs, _key(number), _BLOCK_SHAPE, name)
        if number:
            try:
                _execute(chain, record)
            except (ChainError, ValueError, OverflowError) as error:
                raise ChainDamaged(f"{name}: {error}") from error
        if _block_text(chain.head) != pairs[_key(number)]:
            raise ChainDamaged(f"{name} does not come out as it was")
    if chain.head.hash != hash:
        raise ChainDamaged("the chain ends in another block than the one it was kept with")
    return chain


def _execute(chain: Chain, record: Any) -> None:
    _, at_s, coinbase, gifts, transactions = record
    chain.travel(at_s)
    waiting = list(gifts)
    for index, raw in enumerate(_parts(transactions)):
        while waiting and waiting[0][0] == index:
            chain.give(*waiting.pop(0)[1:])
        chain.add(decode(raw))
    for _, address, wei in waiting:
        chain.give(address, wei)
    chain.seal(coinbase)


def _genesis_text(chain: Chain) -> bytes:
    genesis = chain.genesis
    accounts = [
        [address, start.balance, start.nonce, start.code, list(start.storage.items())]
        for address, start in genesis.accounts.items()
    ]
    fields = [chain.chain_id, genesis.at_s, genesis.gas_limit, genesis.base_fee]
    return cast(bytes, rlp.encode([*fields, genesis.is_free, accounts], _GENESIS_SHAPE))


def _genesis(record: Any) -> tuple[int, Genesis]:
    chain_id, at_s, gas_limit, base_fee, is_free, accounts = record
    starts = {
        address: Start(balance, nonce, code, dict(storage))
        for address, balance, nonce, code, storage in accounts
    }
    return chain_id, Genesis(at_s, gas_limit, base_fee, is_free, starts)


def _block_text(block: Block) -> bytes:
    transactions = [encode(transaction) for transaction in block.transactions]
    joined = b"".join(len(raw).to_bytes(_LENGTH_BYTES, "big") + raw for raw in transactions)
    fields = [block.hash, block.at_s, block.coinbase, [list(gift) for gift in block.gifts]]
    return cast(bytes, rlp.encode([*fields, joined], _BLOCK_SHAPE))


def _parts(joined: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(joined):
        end = at + _LENGTH_BYTES + int.from_bytes(joined[at : at + _LENGTH_BYTES], "big")
        yield joined[at + _LENGTH_BYTES : end]
        at = end


def _read(pairs: Mapping[bytes, bytes], key: bytes, shape: Any, name: str) -> Any:
    if key not in pairs:
        raise ChainDamaged(f"{name} is missing")
    try:
        return rlp.decode(pairs[key], shape)
    except (RLPException, TypeError) as error:
        raise ChainDamaged(f"{name} cannot be read") from error
