"""web3 over a node that makes blocks only when it is told to."""

from __future__ import annotations

from typing import Any, Final

from requests import Session
from web3 import HTTPProvider, Web3
from web3.types import RPCEndpoint, RPCResponse

from registry.chain.answers import int_of
from registry.chain.jsonrpc import Node

_SENDING: Final = frozenset({"eth_sendRawTransaction", "eth_sendTransaction"})


class Relay(HTTPProvider):
    """Has a block made of what is sent, a second after the last one.

    Args:
        node: The node, to tell it so.
        address: Where it is, with user and password if it wants them.
    """

    def __init__(self, node: Node, address: str) -> None:
        self.session = Session()
        super().__init__(address, session=self.session)
        self._node = node

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """Ask the node what web3 asks."""
        answer = super().make_request(method, params)
        if method in _SENDING and "error" not in answer:
            head = self._node.ask("eth_getBlockByNumber", "latest", False)
            self._node.ask("evm_mine", {"timestamp": int_of(head["timestamp"]) + 1})
        return answer


def web3_over(node: Node, address: str) -> Web3:
    """Return a web3 over a node."""
    return Web3(Relay(node, address))


def let_go(web3: Web3) -> None:
    """Close the connections of such a web3."""
    if isinstance(web3.provider, Relay):
        web3.provider.session.close()
