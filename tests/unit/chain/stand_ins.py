"""Stand-ins for nodes: one that says what it is told to, and one that stands before a real one."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self
from urllib.parse import urlsplit

Reply = Callable[[list[dict[str, Any]]], bytes | None]
"""Questions -> the answer's bytes; None hangs up."""


class StandIn:
    """An HTTP server on this machine that answers questions as `reply` says.

    Attributes:
        asked: The methods it was asked for, in order.
        status: What each answer's status is.
        wants: User and password, coded, that it wants to be told; None where it wants none.
        hangs_up: Whether it closes the connection after each answer, and says nothing of it.
    """

    def __init__(self, reply: Reply) -> None:
        self.asked: list[str] = []
        self.status = 200
        self.wants: str | None = None
        self.hangs_up = False
        self.reply = reply
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # A head sent before its body would wait for the client's word on it.

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                asked = json.loads(body)
                questions = asked if isinstance(asked, list) else [asked]
                owner.asked += [question["method"] for question in questions]
                told = owner.wants in (None, self.headers["Authorization"])
                text = owner.reply(questions) if told else b"who are you?"
                if told and asked is not questions and text is not None:
                    text = json.dumps(json.loads(text)[0]).encode()
                if text is None:
                    self.close_connection = True
                    return
                self.send_response(owner.status if told else 401)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)
                self.close_connection = owner.hangs_up

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def answering(answers: dict[str, Any]) -> Reply:
    """Return a reply that knows these methods; an answer that is a dict with "fault" is one."""

    def reply(questions: list[dict[str, Any]]) -> bytes:
        return json.dumps([answer(question) for question in questions]).encode()

    def answer(question: dict[str, Any]) -> dict[str, Any]:
        found = answers.get(question["method"], {"fault": (-32601, "the method does not exist")})
        said: dict[str, Any] = {"jsonrpc": "2.0", "id": question["id"]}
        if isinstance(found, dict) and "fault" in found:
            code, message = found["fault"]
            return {**said, "error": {"code": code, "message": message}}
        return {**said, "result": found}

    return reply


def before(url: str) -> Reply:
    """Return a reply that asks the node at `url`."""
    parts = urlsplit(url)

    def reply(questions: list[dict[str, Any]]) -> bytes:
        connection = http.client.HTTPConnection(str(parts.hostname), parts.port)
        try:
            headers = {"Content-Type": "application/json"}
            connection.request("POST", "/", json.dumps(questions).encode(), headers)
            return connection.getresponse().read()
        finally:
            connection.close()

    return reply
