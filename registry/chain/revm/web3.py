"""A web3 over a `RevmBackend`, whose logs do not wait for web3's formatters.

web3 turns every log through four layers of formatters; for the two logs of one transaction that is
as much time as the transaction took. What comes out here is the same.
"""

from __future__ import annotations

from typing import Any, cast

from hexbytes import HexBytes
from web3 import EthereumTesterProvider, Web3
from web3.datastructures import AttributeDict
from web3.eth import Eth
from web3.main import get_default_modules
from web3.providers.eth_tester.defaults import API_ENDPOINTS, static_return
from web3.providers.eth_tester.middleware import request_formatters
from web3.types import FilterParams, LogReceipt

from registry.chain.revm.backend import RevmBackend
from registry.chain.revm.facade import RevmTester, checksummed


class RevmEth(Eth):
    """web3's `eth`, with logs straight from the chain."""

    def get_logs(self, filter_params: FilterParams) -> list[LogReceipt]:
        """Return the logs that a filter lets pass; as inherited."""
        # Read from a module, a method of web3 is bound to it and forgets how to be prepared.
        (method, params), _ = vars(Eth)["_get_logs"].process_params(self, filter_params)
        (asked,) = request_formatters[method](params)
        tester = cast(EthereumTesterProvider, self.w3.provider).ethereum_tester
        shown: list[Any] = []
        for block, index, log in cast(RevmTester, tester).find_logs(**asked):
            is_mined = bool(block.hash)
            fields = {
                "type": "mined" if is_mined else "pending",
                "logIndex": log.index,
                "blockHash": HexBytes(block.hash) if is_mined else None,
                "blockNumber": block.number if is_mined else None,
                "transactionIndex": index if is_mined else None,
                "transactionHash": HexBytes(block.transactions[index].hash),
                "address": checksummed(log.address),
                "data": HexBytes(log.data),
                "topics": [HexBytes(topic) for topic in log.topics],
            }
            shown.append(AttributeDict(fields))
        return shown


def web3_over(backend: RevmBackend) -> Web3:
    """Return a web3 that reads and writes a backend's chain.

    Where gas is free, it proposes to pay nothing for it.
    """
    # web3 answers these for eth-tester with constants of its own.
    chain_id = backend.chain.chain_id
    eth = {**API_ENDPOINTS["eth"], "chainId": static_return(chain_id)}
    if backend.chain.genesis.is_free:
        eth |= dict.fromkeys(("gasPrice", "maxPriorityFeePerGas"), static_return(0))
    net = {**API_ENDPOINTS["net"], "version": static_return(str(chain_id))}
    provider = EthereumTesterProvider(
        RevmTester(backend), {**API_ENDPOINTS, "eth": eth, "net": net}
    )
    return Web3(provider, modules={**get_default_modules(), "eth": RevmEth})
