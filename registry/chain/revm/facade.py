"""eth-tester over a `RevmBackend`, without what makes eth-tester slow or wrong there.

`EthereumTester(RevmBackend())` works as it is. `RevmTester` adds what only the outer class can
give: logs that are looked up instead of being collected from every block and receipt of a range,
and fees as nodes tell them. Filters stay eth-tester's: they hear of what goes through it, not of
blocks that an engine makes on the same chain. `get_logs` finds those, too.
"""

from __future__ import annotations

import bisect
import functools
import itertools
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from eth_tester import EthereumTester
from eth_tester.exceptions import BlockNotFound
from eth_tester.utils.filters import Filter, check_if_log_matches
from eth_utils import to_checksum_address

from registry.chain.engine import Log
from registry.chain.revm.backend import BlockName, RevmBackend
from registry.chain.revm.blocks import Block
from registry.chain.revm.serializers import Fields, serialize_log

Found = tuple[Block, int, Log]


class RevmTester(EthereumTester):  # type: ignore[misc]
    """An eth-tester whose logs are looked up at once.

    Args:
        backend: The chain; one of its own if absent.
        options: What `EthereumTester` takes besides.
    """

    backend: RevmBackend

    def __init__(self, backend: RevmBackend | None = None, **options: Any) -> None:
        super().__init__(RevmBackend() if backend is None else backend, **options)

    def time_travel(self, to_timestamp: int) -> None:
        """Make a block at a time, even at the next one; nothing if the last block is at it."""
        self.validator.validate_inbound_timestamp(to_timestamp)
        if to_timestamp != self.backend.chain.head.at_s:
            self.backend.time_travel(to_timestamp)

    def get_logs(
        self,
        from_block: BlockName | None = None,
        to_block: BlockName | None = None,
        address: Any = None,
        topics: Any = None,
    ) -> tuple[Fields, ...]:
        """Return the logs of a range of blocks, as inherited.

        Other than inherited, words for blocks mean what they mean elsewhere: "earliest" is the
        first block, and "pending" takes the pending block in.

        Raises:
            BlockNotFound: the range ends after the last block.
        """
        found = self.find_logs(from_block, to_block, address, topics)
        return tuple(_shown(*each) for each in found)

    def find_logs(
        self,
        from_block: BlockName | None = None,
        to_block: BlockName | None = None,
        address: Any = None,
        topics: Any = None,
    ) -> Iterator[Found]:
        """Yield what `get_logs` returns: the block, the transaction's place in it, the log."""
        first, last, addresses, wanted = self._filter(from_block, to_block, address, topics)
        is_pending = "pending" in (first, last)
        return self._find(
            self._number(first), self._number(last), addresses, wanted, is_pending=is_pending
        )

    def create_log_filter(
        self,
        from_block: BlockName | None = None,
        to_block: BlockName | None = None,
        address: Any = None,
        topics: Any = None,
    ) -> Any:
        """Begin to collect logs; where `from_block` is a number, those that are there already.

        Raises:
            BlockNotFound: the range ends after the last block.
        """
        first, last, addresses, wanted = self._filter(from_block, to_block, address, topics)
        params = {
            "from_block": first,
            "to_block": last,
            "addresses": addresses,
            "topics": wanted,
        }
        collected = Filter(params, functools.partial(check_if_log_matches, **params))
        if isinstance(first, int):
            high = last if isinstance(last, int) else self.backend.chain.head.number
            for each in self._find(first, high, addresses, wanted):
                collected.add(serialize_log(*each))
        raw_id = next(self._filter_counter)
        self._log_filters[raw_id] = collected
        return self.normalizer.normalize_outbound_filter_id(raw_id)

    def _filter(
        self, from_block: Any, to_block: Any, address: Any, topics: Any
    ) -> tuple[Any, Any, Any, Any]:
        asked = {
            "from_block": from_block,
            "to_block": to_block,
            "address": address,
            "topics": topics,
        }
        self.validator.validate_inbound_filter_params(**asked)
        first, last, addresses, wanted = self.normalizer.normalize_inbound_filter_params(**asked)
        return first, last, addresses, wanted

    def _number(self, name: BlockName | None) -> int:
        if isinstance(name, int):
            return name
        return self.backend.find_block("latest" if name is None else name).number

    def _find(
        self, low: int, high: int, addresses: Any, topics: Any, *, is_pending: bool = False
    ) -> Iterator[Found]:
        chain = self.backend.chain
        bound = chain.head.number + is_pending
        if low <= high and high > bound:
            raise BlockNotFound(f"No block found for block number: {max(low, bound + 1)}")
        if addresses == ():
            return iter(())
        among = (addresses,) if isinstance(addresses, bytes) else addresses or ()
        return chain.logs(low, high, frozenset(among), [_choice(topic) for topic in topics or ()])

    def get_fee_history(
        self,
        block_count: int = 1,
        newest_block: BlockName | None = "latest",
        reward_percentiles: Sequence[float] | None = (),
    ) -> Fields:
        """Return the fees of blocks up to and with one, the oldest first, as nodes do.

        Returns:
            `base_fee_per_gas` has one more item than there are blocks, the next block's; `reward`
            has for each block what was paid beyond the base fee at each percentile of its gas.
        """
        newest = self.backend.fee_block(block_count, newest_block)
        chain = self.backend.chain
        oldest = max(0, newest.number - block_count + 1)
        blocks = [chain.block(number) for number in range(oldest, newest.number + 1)]
        is_head = newest.number == chain.head.number
        following = chain.pending if is_head else chain.block(newest.number + 1)
        return {
            "oldest_block": oldest,
            "base_fee_per_gas": [block.base_fee for block in (*blocks, following)],
            "gas_used_ratio": [block.gas_used / block.gas_limit for block in blocks],
            "reward": [_rewards(block, reward_percentiles) for block in blocks]
            if reward_percentiles
            else [],
        }


def _choice(topic: Any) -> Collection[bytes] | None:
    """Return what may stand in a topic's place; None for anything."""
    choice = topic if isinstance(topic, tuple) else (topic,)
    return None if None in choice else frozenset(choice)


@functools.lru_cache(maxsize=4_096)
def checksummed(address: bytes) -> str:
    """Write an address as users see it (EIP-55)."""
    return str(to_checksum_address(address))


def _shown(block: Block, index: int, log: Log) -> Fields:
    """Return a log as eth-tester shows it to users; its own normaliser takes ten times as long."""
    fields = serialize_log(block, index, log)
    for name in ("block_hash", "transaction_hash", "data"):
        if fields[name] is not None:
            fields[name] = "0x" + fields[name].hex()
    fields["address"] = checksummed(log.address)
    fields["topics"] = ["0x" + topic.hex() for topic in log.topics]
    return fields


def _rewards(block: Block, percentiles: Sequence[float]) -> list[int]:
    """Return what was paid beyond the base fee, at percentiles of the gas, cheapest first."""
    if not block.receipts:
        return [0] * len(percentiles)
    paid = sorted((each.gas_price - block.base_fee, each.gas_used) for each in block.receipts)
    totals = list(itertools.accumulate(gas_used for _, gas_used in paid))
    bounds = (block.gas_used * percentile / 100 for percentile in percentiles)
    return [paid[bisect.bisect_left(totals, min(bound, totals[-1]))][0] for bound in bounds]
