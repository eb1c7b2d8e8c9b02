"""Small random contracts do the same on `revm` and on py-evm: gas, logs, storage, balances."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

pytest.importorskip("pyrevm", reason="pyrevm has no wheel for this platform")

from eth.vm.forks.london.transactions import UnsignedDynamicFeeTransaction
from eth_keys import keys
from eth_typing import Address

from registry.chain.engine import BLOCK_GAS, CHAIN_ID, address_of, creation_address
from registry.chain.revm.accounts import RICH_KEYS, rich_accounts
from registry.chain.revm.blocks import Genesis, TransactionReceipt
from registry.chain.revm.chain import Chain
from registry.chain.tester import TesterBackend
from registry.chain.transactions import Unsigned, floor_gas, sign

START_S = 1_750_000_000
KEY = RICH_KEYS[0]
SENDER = address_of(KEY)
GAS = 2_000_000
SLOTS = range(4)


def push(number: int, size: int | None = None) -> bytes:
    size = size or max(1, (number.bit_length() + 7) // 8)
    return bytes([0x5F + size]) + number.to_bytes(size, "big")


def store(slot: int, value: int) -> bytes:
    return push(value) + push(slot) + b"\x55"


def transient(slot: int, value: int) -> bytes:
    return push(value) + push(slot) + b"\x5d" + push(slot) + b"\x5c" + push(slot) + b"\x55"


def log(topics: int, size: int) -> bytes:
    return (
        b"".join(push(7 + n) for n in range(topics)) + push(size) + push(0) + bytes([0xA0 + topics])
    )


def call(to: bytes, value: int, gas: int | None) -> bytes:
    """Call with calldata of 32 bytes, and put what it answered into slot 3."""
    given_gas = b"\x5a" if gas is None else push(gas)
    operands = push(0) + push(0) + push(32) + push(0) + push(value)
    return operands + push(int.from_bytes(to, "big"), 20) + given_gas + b"\xf1" + push(3) + b"\x55"


def returning(code: bytes) -> bytes:
    """Return creation code that leaves that code behind, at most 21 bytes."""
    creator = push(int.from_bytes(code, "big"), len(code)) + push(0) + b"\x52"
    return creator + push(len(code)) + push(32 - len(code)) + b"\xf3"


def create(creator: bytes, value: int, salt: int | None) -> bytes:
    """Run creation code of at most 32 bytes, and put the address into slot 2."""
    laid = push(int.from_bytes(creator, "big"), len(creator)) + push(0) + b"\x52"
    operands = push(len(creator)) + push(32 - len(creator)) + push(value)
    made = operands + b"\xf0" if salt is None else push(salt) + operands + b"\xf5"
    return laid + made + push(2) + b"\x55"


VANISH = b"\x32\xff"
"""Creation code of a contract that is gone before it is there; what it has goes to the sender."""

SOMEBODY = bytes.fromhex("00000000000000000000000000000000000c0ffe")
IDENTITY = (4).to_bytes(20, "big")
OTHER = creation_address(SENDER, 0)
"""The contract that the first transaction creates."""

ENDS = (
    b"\x00",
    b"",
    push(0) + push(0) + b"\xfd",
    push(32) + push(0) + b"\xfd",
    b"\xfe",
    b"\x5b\x5f\x56",
)
"""Stop, run off the end, revert with and without data, invalid, jump to nowhere."""

PARTS = st.one_of(
    st.builds(store, st.sampled_from(SLOTS), st.integers(0, 2)),
    st.builds(lambda slot: push(slot) + b"\x54\x50", st.sampled_from(SLOTS)),
    st.builds(transient, st.sampled_from(SLOTS), st.integers(0, 2)),
    st.builds(log, st.integers(0, 4), st.sampled_from([0, 5, 64])),
    st.builds(
        call,
        st.sampled_from([OTHER, SOMEBODY, IDENTITY, SENDER]),
        st.sampled_from([0, 0, 1]),
        st.sampled_from([None, 0, 2_300, 30_000]),
    ),
    st.builds(
        create,
        st.sampled_from(
            [VANISH, *map(returning, [b"", b"\x00", store(1, 1), b"\x5f\xff", b"\xef\x00"])]
        ),
        st.sampled_from([0, 1]),
        st.sampled_from([None, 5]),
    ),
    st.builds(
        lambda address, op: (
            push(int.from_bytes(address, "big"), 20) + bytes([op]) + push(1) + b"\x55"
        ),
        st.sampled_from([OTHER, SOMEBODY, SENDER]),
        st.sampled_from([0x31, 0x3B, 0x3F]),  # balance, code size, code hash
    ),
    # Caller, origin, value, number, time, chain id, gas limit, prevrandao, gas, price.
    st.builds(
        lambda op: bytes([op]) + push(0) + b"\x55",
        st.sampled_from([0x33, 0x32, 0x34, 0x43, 0x42, 0x46, 0x45, 0x44, 0x5A, 0x3A]),
    ),
    st.just(push(int.from_bytes(SOMEBODY, "big"), 20) + b"\xff"),
)
PROGRAMS = st.builds(
    lambda parts, end: b"".join(parts) + end,
    st.lists(PARTS, max_size=6),
    st.sampled_from(ENDS),
)


class Sent(NamedTuple):
    to: bytes | None
    data: bytes
    value: int
    gas: int
    price: int
    access_list: tuple[tuple[bytes, tuple[int, ...]], ...] = ()


def deployed(code: bytes) -> bytes:
    """Return creation code that leaves that code behind."""
    return push(len(code), 2) + b"\x80" + push(10) + b"\x5f\x39\x5f\xf3" + code


CONTRACTS = st.sampled_from([OTHER, creation_address(SENDER, 1)])
SENT = st.builds(
    Sent,
    to=CONTRACTS,
    data=st.sampled_from([b"", b"\0" * 40, b"\x01" * 40, b"\x01" * 900]),
    value=st.sampled_from([0, 0, 5]),
    gas=st.sampled_from([GAS, 62_000, 150_000]),
    price=st.sampled_from([0, 3]),
    access_list=st.sampled_from([(), ((OTHER, (0, 1)), (SOMEBODY, ()))]),
)


class Pair:
    """The same transactions on both."""

    def __init__(self) -> None:
        self.backend = TesterBackend(chain_id=CHAIN_ID, start_s=START_S)
        self.chain = Chain(
            genesis=Genesis(START_S, BLOCK_GAS, 0, is_free=True, accounts=rich_accounts())
        )

    def send(self, sent: Sent) -> tuple[TransactionReceipt, Any, Any]:
        chain = self.chain
        nonce = chain.state.account(SENDER).nonce
        ours = chain.add(
            sign(
                KEY,
                Unsigned(
                    2,
                    CHAIN_ID,
                    nonce,
                    sent.gas,
                    sent.to,
                    sent.value,
                    sent.data,
                    sent.price,
                    sent.price,
                    sent.access_list,
                ),
            )
        )
        unsigned = UnsignedDynamicFeeTransaction(
            chain_id=CHAIN_ID,
            nonce=nonce,
            max_priority_fee_per_gas=sent.price,
            max_fee_per_gas=sent.price,
            gas=sent.gas,
            to=sent.to or b"",
            value=sent.value,
            data=sent.data,
            access_list=sent.access_list,
        )
        _, receipt, computation = self.backend.chain.apply_transaction(
            unsigned.as_signed_transaction(keys.PrivateKey(KEY))
        )
        return ours, receipt, computation

    def seal(self) -> None:
        self.chain.seal()
        self.backend.mine_blocks(1)


@pytest.mark.filterwarnings("ignore:SELFDESTRUCT:DeprecationWarning")
@given(st.tuples(PROGRAMS, PROGRAMS), st.lists(SENT, max_size=5))
@example(
    (transient(0, 1), call(OTHER, 0, None)), [Sent(creation_address(SENDER, 1), b"", 0, GAS, 0)]
)
@example(
    (
        b"".join(store(n, 0) for n in SLOTS),
        b"".join(store(n, 1) for n in SLOTS) + call(OTHER, 0, None),
    ),
    [Sent(OTHER, b"", 0, GAS, 3), Sent(OTHER, b"", 0, GAS, 3, ((OTHER, (0, 1)),))],
)
@example(
    (call(SOMEBODY, 1, None) + create(VANISH, 0, None), b"\x00"), [Sent(OTHER, b"", 5, GAS, 0)]
)
def test_small_contracts_do_the_same_on_both(
    programs: tuple[bytes, bytes], calls: list[Sent]
) -> None:
    pair = Pair()
    creations = [Sent(None, deployed(code), 0, GAS, 0) for code in programs]
    total = 0
    for sent in [*creations, *calls]:
        ours, theirs, computation = pair.send(sent)
        assert ours.status == (0 if computation.is_error else 1)
        # EIP-7623's floor is one for what is left after refunds; py-evm takes it before.
        assert ours.gas_used == max(theirs.gas_used - total, floor_gas(sent.data))
        total = theirs.gas_used
        assert [(log.address, log.topics, log.data) for log in ours.logs] == [
            (log.address, tuple(topic.to_bytes(32, "big") for topic in log.topics), log.data)
            for log in theirs.logs
        ]
        if not ours.halt:
            assert ours.output == computation.output
        if len(pair.chain.pending.transactions) == 3:
            pair.seal()
            total = 0
    state = pair.backend.chain.get_vm().state
    now = pair.chain.state
    contracts = [OTHER, creation_address(SENDER, 1)]
    made = [creation_address(contract, nonce) for contract in contracts for nonce in range(1, 4)]
    for address in [SENDER, SOMEBODY, bytes(20), *contracts, *made]:
        place = Address(address)
        assert now.account(address).balance == state.get_balance(place)
        assert now.account(address).nonce == state.get_nonce(place)
        assert now.code(address) == state.get_code(place)
        for slot in SLOTS:
            assert now.slot(address, slot) == state.get_storage(place, slot)
