"""The bench's life of credits through web3, as somebody writes it who has web3 and a chain.

Contracts are web3's contract objects; gas and fees are left to web3, receipts are waited for,
events are decoded by web3, and what happened is written into SQLite, one row into a book and one
into a mirror, before the next transaction is sent. The database does not wait for the disk, since
worlds wait for it once in many transactions.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

from eth_tester import EthereumTester
from eth_typing import HexStr
from web3 import EthereumTesterProvider, Web3
from web3.logs import DISCARD

from registry.chain.artifacts import ARTIFACTS
from registry.chain.engine import address_of
from registry.simulate.bench_life import (
    EVENTS,
    GAS_KEPT,
    STEPS,
    BenchFailed,
    Life,
    SetUp,
    Totals,
)
from registry.simulate.bench_memory import children_peak_mb
from registry.simulate.nodes import anvil

FUNDS_WEI: Final = Web3.to_wei(1_000, "ether")
"""What each sender has for fees: more than it can spend in an hour."""

_POLL_S: Final = 0.002
"""Time between two looks for a receipt. web3 takes 0.1 s, of which half is lost where a node is a
moment late, as anvil often is once it has made some hundred blocks."""

_TABLES = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE mirror (
    seq INTEGER PRIMARY KEY, block INTEGER, tx_hash TEXT, log_index INTEGER, gas INTEGER,
    event TEXT, args TEXT
);
CREATE TABLE book (
    line INTEGER PRIMARY KEY, status TEXT, batch TEXT, amount_g INTEGER, account TEXT
);
"""


@contextmanager
def stock_tester(set_up: SetUp) -> Iterator[Web3]:
    """Yield web3 over eth-tester, both as they come, with the keys of all senders."""
    tester = EthereumTester()
    web3 = Web3(EthereumTesterProvider(tester))
    rich = web3.eth.accounts[0]
    for key in set_up.keys:
        tester.add_account("0x" + key)
        web3.eth.send_transaction({"from": rich, "to": _sender(key), "value": FUNDS_WEI})
    yield web3


@contextmanager
def over_anvil(set_up: SetUp) -> Iterator[Web3]:
    """Yield web3 over HTTP to an anvil that takes transactions of all senders unsigned."""
    with anvil() as url:
        web3 = Web3(Web3.HTTPProvider(url))
        for key in set_up.keys:
            _ask(web3, "anvil_impersonateAccount", _sender(key))
            _ask(web3, "anvil_setBalance", _sender(key), hex(FUNDS_WEI))
        yield web3


def _ask(web3: Web3, method: str, *args: Any) -> None:
    answer = web3.provider.make_request(method, args)  # type: ignore[arg-type]
    if "error" in answer:
        raise BenchFailed(f"{method}: {answer['error']}")


@cache
def _sender(key: str) -> Any:
    return Web3.to_checksum_address(address_of(bytes.fromhex(key)))


@cache
def _checksummed(address: bytes) -> Any:
    return Web3.to_checksum_address(address)


def _as_web3_wants(value: Any) -> Any:
    """Return arguments with addresses as people hand them to web3."""
    if isinstance(value, tuple):
        return tuple(map(_as_web3_wants, value))
    return _checksummed(value) if isinstance(value, bytes) and len(value) == 20 else value


class Web3Runner:
    """Lives the life through web3.

    Args:
        web3: Its chain has the senders of the set-up, and money for them.
        set_up: What is put on the chain first.
        folder: Where the database goes.
    """

    chunk = STEPS

    def __init__(self, web3: Web3, set_up: SetUp, folder: Path) -> None:
        self._web3 = web3
        self._life = Life()
        self._done = 0
        self._gas: list[int] = []
        for key, to, data in set_up.calls:
            self._put(_sender(key), to, data)
        abi = json.loads((ARTIFACTS / "CarbonRegistry.json").read_bytes())["abi"]
        credits = _checksummed(bytes.fromhex(set_up.credits))
        self._contract = web3.eth.contract(address=credits, abi=abi)
        self._database = sqlite3.connect(folder / "rows.sqlite")
        self._database.executescript(_TABLES)

    def _put(self, sender: Any, to: str, data: str) -> None:
        """Send a transaction of the set-up; contracts are created through contract objects."""
        eth = self._web3.eth
        if to:
            address = _checksummed(bytes.fromhex(to))
            sent = eth.send_transaction(
                {"from": sender, "to": address, "data": HexStr("0x" + data)}
            )
        else:
            # Arguments stand behind the code already.
            contract = eth.contract(abi=[], bytecode="0x" + data)
            sent = contract.constructor().transact({"from": sender})
        self._wait(sent)

    def _wait(self, sent: Any) -> Any:
        receipt = self._web3.eth.wait_for_transaction_receipt(sent, poll_latency=_POLL_S)
        if receipt["status"] != 1:
            raise BenchFailed(f"transaction {sent.hex()} failed")
        return receipt

    def run(self, steps: int) -> float:
        """Take the next steps, and return the seconds that they took."""
        began = time.perf_counter()
        for _ in range(steps):
            self._take()
            self._done += 1
        return time.perf_counter() - began

    def gas(self) -> list[int]:
        """Return the gas of the first steps."""
        return self._gas[:GAS_KEPT]

    def _take(self) -> None:
        step, event = self._life.step(self._done), EVENTS[self._done % STEPS]
        call = self._contract.functions[step.function](*_as_web3_wants(step.args))
        receipt = self._wait(call.transact({"from": _checksummed(step.sender)}))
        logs = self._contract.events[event]().process_receipt(receipt, errors=DISCARD)
        if len(logs) != 1:
            raise BenchFailed(f"{step.function} logged {len(logs)} {event}")
        (log,) = logs
        args = dict(log["args"])
        batch, amount_g = (args.get(name, args.get(other)) for name, other in _NAMES)
        rows = self._database
        rows.execute(
            "INSERT INTO mirror VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                self._done + 1,
                receipt["blockNumber"],
                receipt["transactionHash"].hex(),
                log["logIndex"],
                receipt["gasUsed"],
                event,
                json.dumps(args, default=_said),
            ),
        )
        account = args.get("to", args.get("holder"))
        rows.execute(
            "INSERT INTO book VALUES (?, ?, ?, ?, ?)",
            (self._done + 1, event, str(batch), amount_g, account),
        )
        rows.commit()
        self._gas.append(receipt["gasUsed"])

    def check(self) -> dict[str, Any]:
        """Check totals and rows against what was done.

        Returns:
            The number of blocks, and the memory of a node beside this process.
        """
        node_mb = children_peak_mb("anvil")
        self._life.check(self._done, self._totals)
        for table in ("mirror", "book"):
            (count,) = self._database.execute(f"SELECT count(*) FROM {table}").fetchone()
            if count != self._done:
                raise BenchFailed(f"{table} has {count} rows, not {self._done}")
        return {"blocks": self._web3.eth.block_number, "node_peak_mb": node_mb}

    def _totals(self, batch: int) -> Totals:
        issued_g, active_g, _, retired_g, *_ = self._contract.functions.totalsOf(batch).call()
        return Totals(issued_g, active_g, retired_g)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()


_NAMES = (("batch", "id"), ("amount", "value"))
"""Names of the same argument in the registry's own events and in ERC-1155's."""


def _said(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
