"""eth-tester's own suite for backends, on ours."""

from __future__ import annotations

import pytest
from eth_tester import EthereumTester
from eth_tester.utils.backend_testing import BaseTestBackendDirect

from registry.chain.revm.backend import RevmBackend
from registry.chain.revm.facade import RevmTester


class TestRevmBackend(BaseTestBackendDirect):  # type: ignore[misc]
    @pytest.fixture
    def eth_tester(self) -> EthereumTester:
        return EthereumTester(RevmBackend())

    @pytest.mark.xfail(
        reason="it wants the block that is made by travelling to T to be at T - 1, and the next one"
        " at T; here the block is at T, where contracts that are asked see the time asked for"
    )
    def test_time_traveling(self, eth_tester: EthereumTester) -> None:
        super().test_time_traveling(eth_tester)


class TestRevmTester(TestRevmBackend):
    @pytest.fixture
    def eth_tester(self) -> EthereumTester:
        return RevmTester()

    # The suite pins what no node answers; what this one answers has tests of its own.
    test_get_fee_history = None
