"""Taking a node's chain back, and making good what the node forgets on the way.

Anvil writes older states down, and forgets the contracts' code when it returns to one of those:
it has the code where it is asked about that block, and has none once that block is the last one.
So the code is asked for before, and put back after.
"""

from __future__ import annotations

import gzip
import json

from registry.chain.answers import Head, bytes_of, hex_of
from registry.chain.fitness import header
from registry.chain.jsonrpc import Ask, Node
from registry.errors import NodeRefused


def take_back(node: Node, blocks: int, to: bytes) -> Head:
    """Take back the last blocks.

    Args:
        blocks: How many; of more than one `rewind` knows better.
        to: Hash of the block that is the last one then.

    Raises:
        NodeRefused: the node does not keep its state of then any more, and nothing has changed; or
            another block is the last one now.
    """
    if blocks:
        node.ask("anvil_rollback", blocks)
    found = header(node, "latest")
    if found is None or found.hash != to:
        raise NodeRefused(node.url, "anvil_rollback", f"block {hex_of(to)} is not there")
    return found


def rewind(node: Node, blocks: int, to: Head) -> Head:
    """Take back the last blocks, however long ago the one before them was made.

    Raises:
        NodeRefused: as above; or the blocks are taken back, and the node does not take the code
            of a contract that it forgot.
    """
    if not blocks:
        return take_back(node, 0, to.hash)
    with node.reading("anvil_dumpState"):
        state = json.loads(gzip.decompress(bytes_of(node.ask("anvil_dumpState"))))
        places = [place for place, account in state["accounts"].items() if account["code"] != "0x"]
    codes = _codes(node, places, hex(to.number))
    found = take_back(node, blocks, to.hash)
    left = _codes(node, places, "latest")
    lost: list[Ask] = [
        ("anvil_setCode", place, code)
        for place, code, here in zip(places, codes, left, strict=True)
        if code != here
    ]
    if lost:
        node.need_all(lost)
    return found


def _codes(node: Node, places: list[str], at: str) -> list[str]:
    """Ask for the code at addresses after a block."""
    if not places:
        return []
    return node.need_all([("eth_getCode", place, at) for place in places])
