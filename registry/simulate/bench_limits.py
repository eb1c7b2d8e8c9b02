"""The bench's life of credits as bare calls of the machine: how fast anything above it could be.

No transaction is signed, no block made, no log kept, no row written, and the calldata is made
beforehand.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from pyrevm import EVM, BlockEnv, CfgEnv, Env

from registry.chain.artifacts import artifact
from registry.chain.engine import BLOCK_GAS, CALL_GAS, CHAIN_ID, address_of
from registry.chain.revm.machine import SPEC, Environment, Machine, Message
from registry.chain.revm.state import State
from registry.kept.opening import moment
from registry.simulate.bench_life import GAS_KEPT, START, BenchFailed, Life, SetUp, Totals

CHUNK: Final = 300
_ZERO: Final = bytes(32)


class RawRunner:
    """Lives the life as calls of pyrevm, in one journal that is never settled."""

    chunk = CHUNK

    def __init__(self, set_up: SetUp) -> None:
        self._set_up = set_up
        self._life = Life()
        self._done = 0
        self._credits = "0x" + set_up.credits
        self._evm = self._new()

    def _new(self) -> EVM:
        """Return a machine on which the set-up stands."""
        evm = EVM(Env(cfg=CfgEnv(chain_id=CHAIN_ID)), gas_limit=BLOCK_GAS, spec_id=SPEC)
        at_s = moment(START) + len(self._set_up.calls)
        evm.set_block_env(BlockEnv(number=1, timestamp=at_s, prevrandao=_ZERO, gas_limit=BLOCK_GAS))
        for key, to, data in self._set_up.calls:
            sender = "0x" + address_of(bytes.fromhex(key)).hex()
            if to:
                evm.message_call(sender, "0x" + to, bytes.fromhex(data))
                evm.reset_transient_storage()
            else:
                evm.deploy(sender, bytes.fromhex(data))
        return evm

    def _calls(self, first: int, end: int) -> list[tuple[str, bytes]]:
        steps = map(self._life.step, range(first, end))
        return [("0x" + step.sender.hex(), step.data) for step in steps]

    def run(self, steps: int) -> float:
        """Take the next steps, and return the seconds that they took."""
        calls = self._calls(self._done, self._done + steps)
        call, forget, credits = (
            self._evm.message_call,
            self._evm.reset_transient_storage,
            self._credits,
        )
        began = time.perf_counter()
        for sender, data in calls:
            call(sender, credits, data, 0, CALL_GAS)  # Raises where the contract refuses.
            forget()
        elapsed_s = time.perf_counter() - began
        self._done += steps
        return elapsed_s

    def gas(self) -> list[int]:
        """Return the gas of the first steps, as pyrevm has it.

        Asking for it takes time, so the steps are taken again on another machine.
        """
        evm, found = self._new(), []
        for sender, data in self._calls(0, min(self._done, GAS_KEPT)):
            evm.message_call(sender, self._credits, data, 0, CALL_GAS)
            evm.reset_transient_storage()
            assert evm.result is not None
            found.append(evm.result.gas_used)
        return found

    def check(self) -> dict[str, Any]:
        """Check the totals of batches against what was done; there are no blocks."""
        self._life.check(self._done, lambda batch: _totals(batch, self._ask))
        return {"blocks": 0}

    def _ask(self, data: bytes) -> bytes:
        return self._evm.message_call("0x" + bytes(20).hex(), self._credits, data)


class ExactRunner:
    """Lives the life as calls of our machine: each is charged as a transaction, and settled."""

    chunk = CHUNK

    def __init__(self, set_up: SetUp) -> None:
        self._life = Life()
        self._gas: list[int] = []
        self._credits = bytes.fromhex(set_up.credits)
        self._machine = Machine(State(), chain_id=CHAIN_ID, gas_limit=BLOCK_GAS)
        at_s = moment(START) + len(set_up.calls)
        self._block = Environment(1, at_s, BLOCK_GAS, 0, bytes(20), _ZERO)
        for key, to, data in set_up.calls:
            sender = address_of(bytes.fromhex(key))
            self._take(Message(sender, bytes.fromhex(to) or None, bytes.fromhex(data), CALL_GAS))

    def _take(self, message: Message) -> int:
        """Carry out a message, keep what it wrote, and return its gas."""
        outcome = self._machine.run(message, self._block, is_kept=True)
        if not outcome.status:
            raise BenchFailed(f"the machine refused: {outcome}")
        self._machine.take(outcome.writes)
        return outcome.gas_used

    def run(self, steps: int) -> float:
        """Take the next steps, and return the seconds that they took."""
        done = len(self._gas)
        made = map(self._life.step, range(done, done + steps))
        messages = [Message(step.sender, self._credits, step.data, CALL_GAS) for step in made]
        take, note = self._take, self._gas.append
        began = time.perf_counter()
        for message in messages:
            note(take(message))
        return time.perf_counter() - began

    def gas(self) -> list[int]:
        """Return the gas of the first steps."""
        return self._gas[:GAS_KEPT]

    def check(self) -> dict[str, Any]:
        """Check the totals of batches against what was done; there are no blocks."""
        self._life.check(len(self._gas), lambda batch: _totals(batch, self._ask))
        return {"blocks": 0}

    def _ask(self, data: bytes) -> bytes:
        message = Message(bytes(20), self._credits, data, CALL_GAS)
        return self._machine.run(message, self._block).output


def _totals(batch: int, ask: Callable[[bytes], bytes]) -> Totals:
    function = artifact("CarbonRegistry").interface.functions["totalsOf"]
    ((issued_g, active_g, _, retired_g, *_),) = function.decode(ask(function.encode(batch)))
    return Totals(issued_g, active_g, retired_g)
