"""A chain is written down as its transactions, and opened again by executing them."""

from __future__ import annotations

import pytest

from registry.chain.revm.accounts import RICH_KEYS, rich_accounts
from registry.chain.revm.blocks import Genesis
from registry.chain.revm.chain import Chain
from registry.chain.revm.keep import Keeper, reopened
from registry.chain.revm.state import Key, Value
from registry.chain.transactions import Unsigned, sign
from registry.errors import ChainDamaged
from tests.unit.chain.revm.backends import COUNTER, creation_code

CHAIN_ID = 4_242


def pay(chain: Chain, *, to: bytes | None = b"\x09" * 20, data: bytes = b"") -> None:
    nonce = chain.state.account(chain_sender(chain)).nonce
    fee = chain.pending.base_fee
    fields = Unsigned(2, CHAIN_ID, nonce, 900_000, to, 0 if data else 5, data, fee + 2, 2)
    chain.add(sign(RICH_KEYS[0], fields))


def chain_sender(chain: Chain) -> bytes:
    return next(iter(chain.genesis.accounts))


@pytest.fixture
def chain() -> Chain:
    """A chain with fees, gifts, an empty block, and a block sealed by somebody."""
    chain = Chain(chain_id=CHAIN_ID, genesis=Genesis(at_s=1_000, accounts=rich_accounts()))
    chain.give(b"\x08" * 20, 3)
    pay(chain, to=None, data=creation_code(COUNTER))
    chain.give(b"\x08" * 20, 4)
    chain.seal()
    chain.travel(5_000)
    chain.seal()
    pay(chain)
    pay(chain)
    chain.seal(b"\x07" * 20)
    return chain


def kept(pairs: dict[bytes, bytes], changes: dict[bytes, bytes | None]) -> dict[bytes, bytes]:
    return {key: value for key, value in (pairs | changes).items() if value is not None}


def is_damaged(pairs: dict[bytes, bytes]) -> bool:
    try:
        reopened(pairs)
    except ChainDamaged:
        return True
    return False


def values(chain: Chain) -> dict[Key, Value]:
    return {key: chain.state.value(key) for key in chain.state.written()}


def blocks(chain: Chain) -> list[object]:
    return [chain.block(number) for number in range(chain.head.number + 1)]


def test_a_chain_comes_out_as_it_was(chain: Chain) -> None:
    other = reopened(kept({}, Keeper(chain).changes()))
    assert blocks(other) == blocks(chain)
    assert (other.chain_id, other.genesis) == (chain.chain_id, chain.genesis)
    assert values(other) == values(chain)
    assert chain.state.account(b"\x08" * 20).balance == 7


def test_changes_add_up_over_blocks_and_returns(chain: Chain) -> None:
    keeper = Keeper(chain)
    pairs = kept({}, keeper.changes())
    assert keeper.changes() == {}
    mark = chain.snapshot()
    for _ in range(3):
        pay(chain)
        chain.seal()
    pairs = kept(pairs, keeper.changes())
    chain.revert(mark)
    pay(chain, to=b"\x06" * 20)
    chain.seal()
    changes = keeper.changes()
    assert sum(value is None for value in changes.values()) == 2
    pairs = kept(pairs, changes)
    other = reopened(pairs)
    assert blocks(other) == blocks(chain)
    again = Keeper(other, is_kept=True)
    assert again.changes() == {}
    pay(other)
    other.seal()
    assert len(again.changes()) == 2


def test_what_is_in_the_pending_block_is_not_kept(chain: Chain) -> None:
    keeper = Keeper(chain)
    keeper.changes()
    pay(chain)
    assert keeper.changes() == {}


def test_every_pair_that_is_missing_added_or_altered_is_noticed(chain: Chain) -> None:
    pairs = kept({}, Keeper(chain).changes())
    worlds = {"added": {**pairs, b"x": b""}, "all": {}}
    for key, value in pairs.items():
        worlds[f"{key!r} gone"] = {name: pairs[name] for name in pairs if name != key}
        for altered in (b"", value[:-1], value + b"\x00"):
            worlds[f"{key!r} {altered!r}"] = {**pairs, key: altered}
        for at in range(0, len(value), 7):
            altered = value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :]
            worlds[f"{key!r} byte {at}"] = {**pairs, key: altered}
    assert [what for what, world in worlds.items() if not is_damaged(world)] == []
