"""Nodes for tests: anvils that are started once, and begun again for each who asks."""

from __future__ import annotations

from contextlib import ExitStack

from registry.chain.engine import CHAIN_ID
from registry.chain.fitness import header
from registry.chain.jsonrpc import Node
from registry.chain.rewind import rewind
from registry.simulate.nodes import anvil


class Anvils:
    """One anvil for each chain id and first second asked for, running until `close`."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._urls: dict[tuple[int, int], str] = {}

    def at(self, start_s: int, chain_id: int = CHAIN_ID) -> str:
        """Return the address of a node whose chain has its genesis block alone.

        Args:
            start_s: Timestamp of that block.

        Raises:
            AnvilMissing: this machine has none.
        """
        known = (start_s, chain_id)
        if known not in self._urls:
            node = anvil(start_s=start_s, chain_id=chain_id)
            self._urls[known] = self._stack.enter_context(node)
        node = Node(self._urls[known])
        try:
            node.ask("anvil_dropAllTransactions")
            node.ask("evm_setAutomine", True)
            genesis = header(node, "0x0")
            assert genesis is not None
            rewind(node, int(node.ask("eth_blockNumber"), 16), genesis)
        finally:
            node.close()
        return node.url

    def close(self) -> None:
        """End them all."""
        self._stack.close()
