"""A chain of blocks over the machine: what may enter a block, what it costs, what is read back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from registry.chain.engine import CHAIN_ID, Log, UnknownSnapshot, check_time
from registry.chain.revm.admission import why_not
from registry.chain.revm.blocks import (
    NO_ADDRESS,
    Block,
    Genesis,
    Gift,
    Pending,
    TransactionReceipt,
    beginning,
    digest,
    following,
    opening_words,
)
from registry.chain.revm.machine import (
    WEI_BOUND,
    Environment,
    Machine,
    MachineRefused,
    Message,
    Outcome,
)
from registry.chain.revm.state import Account, Key, State, Value
from registry.chain.transactions import Transaction, floor_gas
from registry.errors import ChainError, TransactionRejected, UnknownBlock

_TIMES: Final = 2**64
_NO_PARENT: Final = b"\0" * 32


class Failed(ChainError):
    """A message fails, however much gas it gets.

    Attributes:
        outcome: What became of it.
    """

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        said = outcome.halt or ("0x" + outcome.output[:68].hex() if outcome.output else "no data")
        super().__init__(f"it fails with any gas: {said}")


class _Mark(NamedTuple):
    number: int
    step: int
    blocks: int
    pending: Pending


class Chain:
    """Blocks, and one that is being made, from a genesis block on.

    Nothing here reads a clock: a block's time is one second after the last one's, unless
    `travel` says otherwise.

    Args:
        chain_id: Id that transactions must be signed for.
        genesis: How it begins.
    """

    def __init__(self, *, chain_id: int = CHAIN_ID, genesis: Genesis) -> None:
        self.chain_id = chain_id
        self.genesis = genesis
        self._next_mark = 0
        self.reset()

    def reset(self) -> None:
        """Begin again at the genesis block. Snapshots taken so far are forgotten."""
        genesis = self.genesis
        self.state = State()
        self.state.write(beginning(genesis, self.state))
        self._machine = self._machine_at(self.state.step)
        self._past: Machine | None = None
        self._marks: list[_Mark] = []
        self._places: dict[bytes, tuple[int, int]] = {}
        self._numbers: dict[bytes, int] = {}
        self._blocks: list[Block] = []
        self._pending = Pending(
            Environment(
                number=0,
                at_s=genesis.at_s,
                gas_limit=genesis.gas_limit,
                base_fee=genesis.base_fee,
                coinbase=NO_ADDRESS,
                prevrandao=b"\0" * 32,
            )
        )
        self.seal()

    def _machine_at(self, step: int) -> Machine:
        return Machine(
            self.state, chain_id=self.chain_id, gas_limit=self.genesis.gas_limit, step=step
        )

    # Blocks.

    @property
    def head(self) -> Block:
        """The last block."""
        return self._blocks[-1]

    @property
    def pending(self) -> Block:
        """The block that is being made, as it is now."""
        return self._pending.block(self._parent(), self.state.step)

    @property
    def is_idle(self) -> bool:
        """Whether nobody has put anything into the pending block."""
        return not (self._pending.transactions or self._pending.gifts)

    def block(self, number: int) -> Block:
        """Return a block. Raises UnknownBlock."""
        if not 0 <= number < len(self._blocks):
            raise UnknownBlock(number, len(self._blocks) - 1)
        return self._blocks[number]

    def find_block(self, hash: bytes) -> Block | None:
        """Return the block with that hash; None if there is none."""
        number = self._numbers.get(hash)
        return None if number is None else self._blocks[number]

    def find(self, tx_hash: bytes) -> tuple[Block, int] | None:
        """Return a transaction's block, perhaps the pending one, and its place there, or None."""
        place = self._places.get(tx_hash)
        if place is None:
            return None
        number, index = place
        return (self.pending if number == len(self._blocks) else self._blocks[number]), index

    def logs(
        self,
        first: int,
        last: int,
        addresses: Collection[bytes] = (),
        topics: Sequence[Collection[bytes] | None] = (),
    ) -> Iterator[tuple[Block, int, Log]]:
        """Yield what was logged, in order: the block, the transaction's place in it, the log.

        Args:
            first, last: Numbers of blocks, both included; the last may be the pending one's.
            addresses: Contracts; all of them if empty.
            topics: What may stand at each place; anything where None.
        """
        blocks = self._blocks[max(0, first) : last + 1]
        if first <= len(self._blocks) <= last:
            blocks.append(self.pending)
        for block in blocks:
            for index, receipt in enumerate(block.receipts):
                for log in receipt.logs:
                    if addresses and log.address not in addresses:
                        continue
                    if len(topics) <= len(log.topics) and all(
                        wanted is None or topic in wanted
                        for wanted, topic in zip(topics, log.topics, strict=False)
                    ):
                        yield block, index, log

    def seal(self, coinbase: bytes = NO_ADDRESS) -> Block:
        """Make the pending block the last one, and begin the next.

        Args:
            coinbase: Named in the block. It is known too late to get what transactions paid, which
                went to the zero address when they ran.
        """
        pending = self._pending
        above = self._parent() if self._blocks else opening_words(self.chain_id, self.genesis)
        hash = digest(pending, above, coinbase)
        block = pending.block(self._parent(), self.state.step, coinbase, hash)
        self._numbers[block.hash] = block.number
        self._blocks.append(block)
        self._pending = following(self.head, is_free=self.genesis.is_free)
        return block

    def _parent(self) -> bytes:
        return self._blocks[-1].hash if self._blocks else _NO_PARENT

    def travel(self, at_s: int) -> None:
        """Say when the pending block is; transactions that are in it already saw another time.

        Raises:
            TransactionRejected: not after the last block, or at no time that a block can have.
        """
        if type(at_s) is not int or at_s >= _TIMES:
            raise TransactionRejected(f"no block can be at {at_s!r} s")
        check_time(at_s, self.head.at_s)
        self._pending.environment = self._pending.environment._replace(at_s=at_s)

    # Transactions.

    def check(self, transaction: Transaction) -> None:
        """Check whether a transaction may be the next one in the pending block.

        Raises:
            TransactionRejected: chain id, nonce, fees, gas or money are not what they must be.
        """
        pending = self._pending
        why = why_not(
            transaction,
            chain_id=self.chain_id,
            account=self.state.account(transaction.sender),
            gas_left=pending.environment.gas_limit - pending.gas_used,
            base_fee=pending.environment.base_fee,
        )
        if why:
            raise TransactionRejected(why)

    def add(self, transaction: Transaction) -> TransactionReceipt:
        """Execute a transaction as the next one of the pending block.

        Raises:
            TransactionRejected: see `check`; nothing has changed.
        """
        self.check(transaction)
        pending = self._pending
        base_fee = pending.environment.base_fee
        price = min(transaction.max_fee, base_fee + transaction.max_priority_fee)
        message = Message(
            transaction.sender,
            transaction.to,
            transaction.data,
            transaction.gas,
            transaction.value,
            price,
            transaction.access_list,
        )
        step, count = self.state.step, len(pending.receipts)
        try:
            outcome = self._at(step).run(message, pending.environment, is_kept=True)
            self._settle(transaction.sender, outcome, price, base_fee)
            receipt = pending.note(transaction, outcome, price)
            self._places[transaction.hash] = (len(self._blocks), count)
            return receipt
        except MachineRefused as error:
            raise TransactionRejected(str(error)) from error
        except BaseException:
            self._undo(step, count)
            raise

    def _undo(self, step: int, count: int) -> None:
        """Take the pending block back to `count` transactions and the state to `step`."""
        for transaction in self._pending.cut(count):
            self._places.pop(transaction.hash, None)
        self._return(step)

    def _settle(self, sender: bytes, outcome: Outcome, price: int, base_fee: int) -> None:
        """Take what was written, the sender's nonce and what gas cost as one step."""
        state = self.state
        writes: dict[Key, Value] = dict(outcome.writes)
        nonce = state.account(sender).nonce + 1
        _, balance, code_hash = self._account(writes, sender)
        writes[sender] = Account(nonce, balance - outcome.gas_used * price, code_hash)
        if price > base_fee:
            paid = outcome.gas_used * (price - base_fee)
            self._pay(writes, self._pending.environment.coinbase, paid)
        self._write(writes)

    def _pay(self, writes: dict[Key, Value], address: bytes, wei: int) -> None:
        account = self._account(writes, address)
        writes[address] = account._replace(balance=account.balance + wei)

    def _account(self, writes: Mapping[Key, Value], address: bytes) -> Account:
        """Return an account as these writes leave it."""
        account = writes.get(address) or self.state.account(address)
        assert isinstance(account, Account)
        return account

    def _write(self, writes: Mapping[Key, Value]) -> None:
        self.state.write(writes.items())
        self._machine.take(writes.items())

    def give(self, address: bytes, wei: int) -> None:
        """Add money to an account in the pending block, without a transaction.

        Raises:
            ValueError: not 20 bytes, or more than anybody can have.
        """
        if len(address) != len(NO_ADDRESS):
            raise ValueError(f"an address has {len(NO_ADDRESS)} bytes, not {len(address)}")
        if not 0 <= wei < WEI_BOUND - self.state.account(address).balance:
            raise ValueError(f"nobody can have {wei} wei more")
        pending, step = self._pending, self.state.step
        gift = Gift(len(pending.transactions), address, wei)
        writes: dict[Key, Value] = {}
        self._pay(writes, address, wei)
        try:
            self._at(step)
            self._write(writes)
        except BaseException:
            self._return(step)
            raise
        pending.gifts.append(gift)

    # Questions.

    def run(
        self, message: Message, *, block: int | None = None, at_s: int | None = None
    ) -> Outcome:
        """Execute a message and leave no trace.

        Args:
            block: After which block, and with its number and time; in the pending one if absent.
            at_s: The time that contracts see, where it should be another.

        Raises:
            UnknownBlock: no such block.
            MachineRefused: its gas does not pay for its bytes, or its sender cannot pay its value.
        """
        if block is None:
            step, environment = self.state.step, self._pending.environment
        else:
            found = self.block(block)
            step = found.step
            environment = Environment(
                found.number,
                found.at_s,
                found.gas_limit,
                found.base_fee,
                found.coinbase,
                found.prevrandao,
            )
        if at_s is not None:
            environment = environment._replace(at_s=at_s)
        if environment.coinbase != NO_ADDRESS:
            # pyrevm never lets go of a coinbase again: this machine is for one question.
            return self._machine_at(step).run(message, environment)
        return self._at(step).run(message, environment)

    def _at(self, step: int) -> Machine:
        """Return a machine with the values after a step. The one for the past is moved about."""
        if step == self._machine.step:
            return self._machine
        if step == self.state.step:  # It was interrupted.
            self._machine.move_to(step)
            return self._machine
        if self._past is None:
            self._past = self._machine_at(step)
        elif self._past.step != step:
            self._past.move_to(step)
        return self._past

    def needed_gas(self, message: Message, *, block: int | None = None) -> int:
        """Return the least gas limit with which a message works, at most the message's own.

        Mostly that is what it used before refunds, which is tried. A contract that calls others
        keeps a 64th back each time; then the limit is searched for.

        Raises:
            Failed: it fails with all the gas that it may have.
            UnknownBlock, MachineRefused: see `run`.
        """
        outcome = self.run(message, block=block)
        if not outcome.status:
            raise Failed(outcome)
        low = max(outcome.gas_needed, floor_gas(message.data))
        if self.run(message._replace(gas=low), block=block).status:
            return low
        high = message.gas
        while low + 1 < high:
            middle = (low + high) // 2
            if self.run(message._replace(gas=middle), block=block).status:
                high = middle
            else:
                low = middle
        return high

    # Snapshots.

    def snapshot(self) -> int:
        """Remember the chain as it is, the pending block included; numbers are never reused."""
        self._next_mark += 1
        self._marks.append(
            _Mark(self._next_mark, self.state.step, len(self._blocks), self._pending.copy())
        )
        return self._next_mark

    def revert(self, snapshot: int) -> None:
        """Return to a snapshot, as often as wanted; those taken after it are forgotten.

        Raises:
            UnknownSnapshot: never taken, or forgotten.
        """
        position = self._position(snapshot)
        mark = self._marks[position]
        del self._marks[position + 1 :]
        self._back_to(mark.step, mark.blocks)
        self._pending = mark.pending.copy()
        for index, transaction in enumerate(self._pending.transactions):
            self._places[transaction.hash] = (mark.blocks, index)

    def forget(self, snapshot: int) -> None:
        """Drop a snapshot and those taken after it, and keep the chain as it is.

        Raises:
            UnknownSnapshot: never taken, or forgotten.
        """
        del self._marks[self._position(snapshot) :]

    def _position(self, snapshot: int) -> int:
        for position in range(len(self._marks) - 1, -1, -1):
            if self._marks[position].number == snapshot:
                return position
        raise UnknownSnapshot(snapshot)

    def back_to(self, number: int) -> None:
        """Take back the blocks after that one, and all in the pending one. Raises UnknownBlock."""
        self._back_to(self.block(number).step, number + 1)
        self._pending = following(self.head, is_free=self.genesis.is_free)

    def _back_to(self, step: int, blocks: int) -> None:
        for transaction in self._pending.transactions:
            self._places.pop(transaction.hash, None)
        for block in self._blocks[blocks:]:
            self._numbers.pop(block.hash, None)
            for transaction in block.transactions:
                self._places.pop(transaction.hash, None)
        del self._blocks[blocks:]
        self._return(step)

    def _return(self, step: int) -> None:
        """Take the state back to a step."""
        if self._past is not None and self._past.step > step:
            self._past = None
        self._machine.move_to(step)
        self.state.back_to(step)
