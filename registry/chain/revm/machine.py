"""One EVM over pyrevm that charges what a real chain charges.

pyrevm keeps one journal for all its calls: what one of them has touched is warm for the next, and
nothing is ever settled. So every call is made between a snapshot and its return, and what it wrote
is put into the machine's database by hand, one word at a time, each between a snapshot and its
return again, because pyrevm writes what is loaded into the journal instead. Each call then finds
everything cold, original values are those before the transaction, transient storage is empty, and
the journal does not grow.

Where this differs from a chain under Prague rules:

- `BLOCKHASH` and `BASEFEE` answer pyrevm's own values, which are no real hash, and 0.
- While a transaction runs whose sender has less than its value and twice the price of all its gas,
  the sender's balance still has that price in it.
- In creation code, `GASPRICE` is 0; while transactions run, `COINBASE` is the zero address.
- There are neither the precompiled contracts of EIP-2537, nor the system contract of EIP-2935, nor
  delegations (EIP-7702), nor blobs.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from pyrevm import EVM, AccountInfo, BlockEnv, CfgEnv, Env, TxEnv

from registry.chain.revm.journal import written_in
from registry.chain.revm.state import NO_CODE, NOBODY, Account, Key, State, Value, slot_key
from registry.chain.transactions import AccessList, floor_gas, keccak
from registry.errors import ChainError

SPEC: Final = "Cancun"
"""pyrevm's name for the rules. Prague has the same opcodes; its floor on gas is added here."""


_SAID: Final = re.compile(r"output: 0x([0-9a-f]*)")
_UNSURE: Final = -1
"""Step of a machine that was interrupted while its values were changed."""

ADDRESS_BYTES: Final = 20
NONCES: Final = 2**64 - 1
_GAS_BOUND: Final = 2**64
WEI_BOUND: Final = 2**256
"""Nobody has as much."""

WORDS: Final = 2**256
"""How many words of storage there are, and values that one can have."""

_LENGTH: Final = re.compile(r"state: Analysed \{ len: (\d+)")

_NEW: Final = (1, 0)
"""Nonce and balance of a contract that has just been created."""

_CONTRACTS: Final = 4_096
"""How many accounts with code are remembered as pyrevm has them."""

_INFO: Final[Callable[..., AccountInfo]] = AccountInfo
"""Its type file does not know that the balance comes first."""

_NEVER_USED: Final = keccak(b"carbon-registry/an address that nobody has")[12:]
"""Stands in pyrevm's own access list, which stays warm for ever."""

_CREATOR: Final = b"\xff" * 20
"""Who creates contracts that are taken back at once."""


class Message(NamedTuple):
    """What is executed, whoever asked for it.

    Attributes:
        sender: 20 bytes.
        to: The account called, 20 bytes; None creates a contract from `data`.
        data: Calldata, or creation code followed by constructor arguments.
        gas: Most gas that may be used, what its bytes alone cost included.
        value: wei that goes along.
        gas_price: wei per gas; contracts can see it. Nothing is charged here.
        access_list: Addresses and slots that are warm from the beginning.
    """

    sender: bytes
    to: bytes | None
    data: bytes
    gas: int
    value: int = 0
    gas_price: int = 0
    access_list: AccessList = ()


class Environment(NamedTuple):
    """What contracts see of the block. Addresses and words are bytes; gas limit in gas."""

    number: int
    at_s: int
    gas_limit: int
    base_fee: int
    coinbase: bytes
    prevrandao: bytes


class Outcome(NamedTuple):
    """What became of a message.

    Attributes:
        status: 1 if it worked, 0 if it was reverted or the machine stopped.
        gas_used: What is charged: intrinsic gas, refunds up to a fifth, and EIP-7623's floor.
        gas_needed: What it used before refunds; a lower limit cannot have been enough.
        output: What was returned, or said when reverting; a created contract's code.
        halt: Why the machine stopped, such as "OutOfGas(Basic)"; empty otherwise.
        created: Address of the contract created, 20 bytes.
        logs: (address, topics, data), in order.
        writes: New values, in order; none where it failed.
    """

    status: int
    gas_used: int
    gas_needed: int
    output: bytes
    halt: str
    created: bytes | None
    logs: tuple[tuple[bytes, tuple[bytes, ...], bytes], ...]
    writes: tuple[tuple[Key, Value], ...]


class MachineRefused(ChainError):
    """The machine does not take a message: its bytes alone cost more gas, or money is lacking."""


class Machine:
    """An EVM that holds the values after one step of a state.

    Args:
        state: Whose values it holds.
        chain_id: What `CHAINID` answers.
        gas_limit: What `GASLIMIT` answers.
        step: The step; the last one if absent.
    """

    def __init__(
        self, state: State, *, chain_id: int, gas_limit: int, step: int | None = None
    ) -> None:
        self._state = state
        self._chain_id = chain_id
        self._gas_limit = gas_limit
        # Code goes in as pyrevm has it after analysis, which it otherwise does at every call.
        self._analysed: dict[Account, AccountInfo | None] = {}
        self.step = _UNSURE
        self.move_to(state.step if step is None else step)

    # Values.

    def move_to(self, step: int) -> None:
        """Hold the values after another step."""
        first, last = sorted((self.step, step))
        if self.step == _UNSURE:
            self._evm = EVM(
                Env(cfg=CfgEnv(chain_id=self._chain_id)), gas_limit=self._gas_limit, spec_id=SPEC
            )
            self._environment: Environment | None = None
            self._has_list = False
            keys = set(self._state.written())
        else:
            keys = self._state.changed(first, last)
        self.step = _UNSURE
        for key in keys:
            self._put(key, self._state.value(key, step))
        self.step = step

    def take(self, writes: Iterable[tuple[Key, Value]]) -> None:
        """Hold values that were written by one more step."""
        step, self.step = self.step, _UNSURE
        for key, value in writes:
            self._put(key, value)
        self.step = step + 1

    def _put(self, key: Key, value: Value) -> None:
        evm = self._evm
        if isinstance(value, int):
            snapshot = evm.snapshot()
            evm.insert_account_storage(_text(key[:20]), int.from_bytes(key[20:], "big"), value)
            evm.revert(snapshot)
            return
        evm.insert_account_info(_text(key), self._info(value))

    def _info(self, account: Account) -> AccountInfo:
        """Return an account as pyrevm wants it; its code after analysis, if that can be had."""
        if account.code_hash == NO_CODE:
            return _INFO(account.balance, account.nonce)
        if account not in self._analysed:
            code = self._state.code_of(account.code_hash)
            self._keep(account, self._analyse(code) if account[:2] == _NEW else None)
        return self._analysed[account] or _INFO(
            account.balance, account.nonce, code=self._state.code_of(account.code_hash)
        )

    def _keep(self, account: Account, info: AccountInfo | None) -> None:
        if len(self._analysed) >= _CONTRACTS:
            self._analysed.clear()
        self._analysed[account] = info

    def _analyse(self, code: bytes) -> AccountInfo | None:
        """Let the machine create a contract with that code, and take the account from there."""
        # PUSH3 length, DUP1, PUSH1 11, PUSH0, CODECOPY, PUSH0, RETURN
        creator = b"\x62" + len(code).to_bytes(3, "big") + bytes.fromhex("80600b5f395ff3") + code
        snapshot = self._evm.snapshot()
        try:
            return self._evm.basic(self._evm.deploy(_text(_CREATOR), creator))
        except RuntimeError:
            return None  # Code that no creation leaves behind, given at genesis.
        finally:
            self._evm.revert(snapshot)

    # Calls.

    def run(self, message: Message, environment: Environment, *, is_kept: bool = False) -> Outcome:
        """Execute a message. The machine is as before; whoever wants the writes takes them.

        Args:
            is_kept: Whether this is a transaction: the price of its gas is set aside and its writes
                are found out. Otherwise it is a question, which contracts may ask, too.

        Raises:
            MachineRefused: its gas does not pay for its bytes, its sender cannot pay its value, or
                it is nothing that the machine can have.
        """
        evm = self._evm
        self._check(message)
        if environment is not self._environment:
            self._enter(environment)
        snapshot = evm.snapshot()
        try:
            return self._run(message, is_kept=is_kept)
        except (OverflowError, TypeError, ValueError) as error:
            raise MachineRefused(f"no message that the machine can have: {error}") from error
        except BaseException as error:
            # What panicked in Rust has lost its state, and is no Exception to Python.
            if type(error).__name__ != "PanicException":
                raise
            self.step = _UNSURE
            raise MachineRefused(f"the machine gave up: {error}") from error
        finally:
            if self.step != _UNSURE:
                evm.revert(snapshot)

    def _check(self, message: Message) -> None:
        if not (0 <= message.gas < _GAS_BOUND and 0 <= message.value < WEI_BOUND):
            raise MachineRefused(f"no message has {message.gas} gas and {message.value} wei")
        for address in (message.sender, message.to or message.sender):
            if len(address) != ADDRESS_BYTES:
                raise MachineRefused(f"an address has {ADDRESS_BYTES} bytes, not {len(address)}")
        if message.to is None and self._sender(message).nonce >= NONCES:
            raise MachineRefused("its sender has sent as much as anybody can")

    def _sender(self, message: Message) -> Account:
        return self._state.account(message.sender, self.step)

    def _enter(self, environment: Environment) -> None:
        try:
            block = BlockEnv(
                number=environment.number,
                coinbase=_text(environment.coinbase),
                timestamp=environment.at_s,
                prevrandao=environment.prevrandao,
                basefee=environment.base_fee,
                gas_limit=environment.gas_limit,
            )
        except (OverflowError, TypeError, ValueError) as error:
            raise MachineRefused(f"no block that the machine can have: {error}") from error
        self._evm.set_block_env(block)
        self._environment = environment

    def _run(self, message: Message, *, is_kept: bool) -> Outcome:
        evm, said, created, output = self._evm, "", None, b""
        if message.access_list or self._has_list:
            self._warm(message.access_list)
        fee = 0
        if not is_kept:
            self._excuse(message)
        elif message.gas_price:
            fee = self._set_aside(message)
        try:
            if message.to is None:
                name = evm.deploy(_text(message.sender), message.data, message.value, message.gas)
                created, output = _bytes(name), _code(evm.basic(name))
            else:
                output = evm.message_call(
                    _text(message.sender),
                    _text(message.to),
                    message.data,
                    message.value,
                    message.gas,
                    message.gas_price,
                )
        except RuntimeError as error:
            said = str(error)
        result = evm.result
        if result is None:
            raise MachineRefused(said)
        if result.is_success == 0:
            found = None if result.is_halt else _SAID.search(said)
            return Outcome(
                status=0,
                gas_used=max(result.gas_used, floor_gas(message.data)),
                gas_needed=result.gas_used,
                output=bytes.fromhex(found[1]) if found else b"",
                halt=result.reason if result.is_halt else "",
                created=None,
                logs=(),
                writes=(),
            )
        logs = tuple((_bytes(log.address), tuple(log.data[0]), log.data[1]) for log in result.logs)
        return Outcome(
            status=1,
            gas_used=max(result.gas_used, floor_gas(message.data)),
            gas_needed=result.gas_used + result.gas_refunded,
            output=output,
            halt="",
            created=created,
            logs=logs,
            writes=tuple(self._writes(message.sender, fee)) if is_kept else (),
        )

    def _warm(self, access_list: AccessList) -> None:
        """Touch what is listed, and let the machine charge for a list as long as that."""
        for address, slots in access_list:
            name = _text(address)
            self._evm.basic(name)
            for slot in slots:
                self._evm.storage(name, slot)
        listed = [(_text(_NEVER_USED), [0] * len(slots)) for _, slots in access_list]
        self._evm.set_tx_env(TxEnv(access_list=listed))
        self._has_list = bool(listed)

    def _excuse(self, message: Message) -> None:
        """Let a contract ask, which may not send transactions (EIP-3607)."""
        account = self._sender(message)
        if account.code_hash == NO_CODE:
            return
        name, code = _text(message.sender), self._state.code_of(account.code_hash)
        self._evm.basic(name)  # What is loaded is replaced until the call is taken back.
        info = _INFO(account.balance, account.nonce, code_hash=NO_CODE, code=code)
        self._evm.insert_account_info(name, info)

    def _set_aside(self, message: Message) -> int:
        """Take the price of all its gas from the sender's balance; return what was taken."""
        name, fee = _text(message.sender), message.gas * message.gas_price
        balance = self._evm.get_balance(name)
        # pyrevm checks once more that the fee can be paid, from what is left.
        if balance < 2 * fee + message.value:
            return 0
        self._evm.set_balance(name, balance - fee)
        return fee

    def _writes(self, sender: bytes, fee: int) -> Iterator[tuple[Key, Value]]:
        evm = self._evm
        written = written_in(evm.journal_str)
        for name in written.accounts:
            address = _bytes(name)
            info = evm.basic(name)
            if name in written.destroyed:
                yield address, NOBODY
                continue
            code_hash = info.code_hash
            if name in written.created:
                code_hash = self._state.keep_code(_code(info))
            assert code_hash is not None
            balance = info.balance + fee if address == sender else info.balance
            account = Account(info.nonce, balance, code_hash)
            if code_hash != NO_CODE:
                self._keep(account, info)
            yield address, account
        for name, slot in written.slots:
            if name not in written.destroyed:
                yield slot_key(_bytes(name), slot), evm.storage(name, slot)


@functools.lru_cache(maxsize=65_536)
def _text(address: bytes) -> str:
    return "0x" + address.hex()


@functools.lru_cache(maxsize=65_536)
def _bytes(address: str) -> bytes:
    return bytes.fromhex(address[2:])


def _code(info: AccountInfo) -> bytes:
    """Return an account's code; pyrevm hands analysed code out with zeros behind it."""
    code = info.code
    assert code is not None
    found = _LENGTH.search(str(info))
    return code if found is None else code[: int(found[1])]
