"""A node as it is spoken to: JSON-RPC over one HTTP connection that stays open.

Many questions go in one message where there are many. web3 and its HTTP library take longer for
one message than a node on the same machine takes to answer it, so neither is used here.
"""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

from registry.chain.urls import parsed, shown_url
from registry.errors import InputError, NodeNonsense, NodeRefused, NodeUnreachable, shown

CONNECT_S: Final = 10.0
ANSWER_S: Final = 300.0
"""How long a node may take: to be there, and for one answer. A block may hold much work."""

_HEADERS: Final = ("Content-Type: application/json", "Accept: application/json")
_UNKNOWN_METHOD: Final = frozenset({-32601, -32604})
"""What nodes say of methods that they do not have, or (Besu) have switched off."""

_AWAY: Final = (OSError, http.client.HTTPException)

Ask = tuple[Any, ...]
"""A question: the method, then its parameters."""


class Fault(NamedTuple):
    """A node's answer that says what went wrong.

    Attributes:
        code: JSON-RPC's, or the node's own.
        data: What a contract said when it reverted, where the node knows; else anything.
    """

    code: int
    message: str
    data: Any

    @property
    def is_unknown_method(self) -> bool:
        """Whether the node does not have what it was asked for."""
        return self.code in _UNKNOWN_METHOD


class Node:
    """A connection to one node.

    Attributes:
        url: Its address as it is shown, without user and password.

    Args:
        url: Its address, http or https; with user and password where it wants them.

    Raises:
        InputError: no such address.
    """

    def __init__(self, url: str) -> None:
        self.url = shown_url(url)
        parts = parsed(url)
        if parts is None:
            raise InputError(
                f"node {shown(self.url)}: expected an address such as http://127.0.0.1:8545"
            )
        host, port = parts.hostname or "", parts.port
        name, _, place = parts.netloc.rpartition("@")
        is_secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if is_secure else http.client.HTTPConnection
        self._connection = kind(host, port, timeout=CONNECT_S)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = [f"POST {path} HTTP/1.1", f"Host: {place}", *_HEADERS]
        if name:
            coded = base64.b64encode(unquote(name).encode()).decode()
            lines.append(f"Authorization: Basic {coded}")
        self._lines = "\r\n".join(lines).encode()

    def ask(self, method: str, *params: Any) -> Any:
        """Ask one question.

        Raises:
            NodeRefused: the answer is a fault.
            NodeUnreachable, NodeNonsense: there is no answer, or none that can be read.
        """
        (answer,) = self.need_all([(method, *params)])
        return answer

    def need_all(self, asks: Sequence[Ask]) -> list[Any]:
        """Ask several questions in one message, of which the node may refuse none.

        Raises:
            NodeRefused: an answer is a fault; what else was asked may have been done.
            NodeUnreachable, NodeNonsense: there is no answer, or none that can be read.
        """
        answers = self.ask_all(asks)
        for (method, *_), answer in zip(asks, answers, strict=True):
            if isinstance(answer, Fault):
                raise NodeRefused(self.url, method, answer.message)
        return answers

    def ask_all(self, asks: Sequence[Ask], *, again: bool = True) -> list[Any]:
        """Ask several questions in one message.

        Args:
            asks: Which; at least one.
            again: Ask once more where the connection was found closed: a node may close it while
                it is not used. Not for what must not happen twice.

        Returns:
            The answers in the order of the questions, a Fault where the node says so.

        Raises:
            NodeUnreachable, NodeNonsense: there is no answer, or none that can be read.
        """
        message = [
            {"jsonrpc": "2.0", "id": at, "method": method, "params": params}
            for at, (method, *params) in enumerate(asks)
        ]
        asked = asks[0][0]
        text = self._exchange(asked, json.dumps(message, separators=(",", ":")).encode(), again)
        try:
            answers = json.loads(text)
        except ValueError as error:
            raise NodeNonsense(self.url, asked, text[:200]) from error
        if isinstance(answers, dict) and "error" in answers:
            # One fault about the whole message.
            return [_answer(answers)] * len(asks)
        try:
            by_id = {answer["id"]: _answer(answer) for answer in answers}
            return [by_id[at] for at in range(len(asks))]
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise NodeNonsense(self.url, asked, answers) from error

    def _exchange(self, asked: str, message: bytes, again: bool) -> bytes:
        connection = self._connection
        is_kept = connection.sock is not None
        try:
            if not is_kept:
                self._connect()
            # In one piece, which the standard library would send in two.
            connection.sock.sendall(
                b"%b\r\nContent-Length: %d\r\n\r\n%b" % (self._lines, len(message), message)
            )
            response = http.client.HTTPResponse(connection.sock, method="POST")
            response.begin()
            text = response.read()
            if response.will_close:
                connection.close()
        except _AWAY as error:
            connection.close()
            if is_kept and again and not isinstance(error, TimeoutError):
                return self._exchange(asked, message, again=False)
            said = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise NodeUnreachable(self.url, said) from error
        except BaseException:
            # An answer half read would be taken for the next one's.
            connection.close()
            raise
        if response.status != http.client.OK and not text.lstrip().startswith((b"{", b"[")):
            raise NodeNonsense(self.url, asked, f"{response.status} {response.reason}")
        return text

    def _connect(self) -> None:
        connection = self._connection
        connection.timeout = CONNECT_S
        connection.connect()
        connection.sock.settimeout(ANSWER_S)

    @contextmanager
    def reading(self, asked: str) -> Iterator[None]:
        """Say what was asked where the answer cannot be read.

        Raises:
            NodeNonsense: it cannot.
        """
        try:
            yield
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise NodeNonsense(self.url, asked, f"{type(error).__name__}: {error}") from error

    def close(self) -> None:
        """Close the connection; the next question would open it again."""
        self._connection.close()


def _answer(answer: dict[str, Any]) -> Any:
    error = answer.get("error")
    if error is None:
        return answer["result"]
    return Fault(int(error["code"]), str(error["message"]), error.get("data"))
