"""Whether a node can be an engine, found out before anything is done there."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from registry.chain.answers import Head, int_of, maybe_head
from registry.chain.jsonrpc import Fault, Node
from registry.errors import NodeNonsense, NodeRefused, NodeUnfit, WrongChain

NEEDED: Final = (
    "anvil_dumpState",
    "anvil_getAutomine",
    "anvil_getIntervalMining",
    "anvil_removePoolTransactions",
    "anvil_rollback",
    "anvil_setCode",
    "anvil_setNextBlockBaseFeePerGas",
    "debug_traceTransaction",
    "eth_getBlockReceipts",
    "evm_mine",
    "evm_revert",
    "evm_setAutomine",
    "evm_setBlockGasLimit",
    "evm_snapshot",
    "txpool_status",
)
"""Methods without which a node cannot be an engine."""

_NO_PARAMS: Final = {"none": "such"}
"""Parameters that no method takes: nothing is done, and a method that is not there says so."""


def examine(node: Node, expected: int | None) -> tuple[int, bool]:
    """Ask what a node is.

    Args:
        expected: Chain id that it must have; any if absent.

    Returns:
        Its chain id, and whether it makes a block of each transaction unasked.

    Raises:
        WrongChain, NodeUnfit, NodeUnreachable, NodeNonsense: see `RpcEngine`.
    """
    with node.reading("eth_chainId"):
        chain_id = int_of(node.ask("eth_chainId"))
    if expected is not None and chain_id != expected:
        raise WrongChain(node.url, chain_id, expected)
    probes = node.ask_all([(method, _NO_PARAMS) for method in NEEDED])
    missing = [
        method
        for method, answer in zip(NEEDED, probes, strict=True)
        if isinstance(answer, Fault) and answer.is_unknown_method
    ]
    if missing:
        raise NodeUnfit(node.url, f"it has no {', '.join(missing)}, as anvil has")
    if node.ask("anvil_getIntervalMining") is not None:
        raise NodeUnfit(node.url, "it makes blocks by its own clock (anvil's --block-time)")
    return chain_id, bool(node.ask("anvil_getAutomine"))


def try_out(node: Node, by_s: int | None) -> tuple[Head, Head]:
    """Have a node make a block and take it back; after that it makes none unasked.

    Args:
        by_s: Second after which no block may lie; any if absent.

    Returns:
        The genesis block and the last block.

    Raises:
        NodeUnfit: it cannot take a block back, or has a later one.
    """
    genesis, head = header(node, "0x0"), header(node, "latest")
    if genesis is None or head is None:
        raise NodeNonsense(node.url, "eth_getBlockByNumber", None)
    if by_s is not None and head.at_s > by_s:
        problem = (
            f"its last block is of second {head.at_s}, and blocks are to come after second {by_s}"
            f" (begin later, or its chain earlier: anvil --timestamp {by_s})"
        )
        raise NodeUnfit(node.url, problem)
    before = node.ask("evm_snapshot")
    node.ask("evm_mine", {"timestamp": head.at_s + 1})
    with suppress(NodeRefused):
        node.ask("anvil_rollback", 1)
    if header(node, "latest") != head:
        node.ask("evm_revert", before)
        raise NodeUnfit(node.url, "it does not keep past states (anvil's --prune-history)")
    node.ask("evm_setAutomine", False)
    return genesis, head


def header(node: Node, number: str) -> Head | None:
    """Return the header of a block, which is a number as nodes write it, or `latest`."""
    with node.reading("eth_getBlockByNumber"):
        return maybe_head(node.ask("eth_getBlockByNumber", number, False))
