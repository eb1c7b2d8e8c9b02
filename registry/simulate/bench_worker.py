"""One engine of the bench in a process of its own, which takes its turns when it is told to.

Lines of JSON go both ways: the set-up first, then `{"steps": ..., "seconds": ...}` for each turn,
then `{}` for the end, and an answer to each. Each engine's memory is its own process's, and while
one engine is measured, all others wait.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from types import TracebackType
from typing import Any, Protocol, Self, TextIO

from registry.simulate.bench_life import BenchFailed, SetUp
from registry.simulate.bench_memory import peak_mb

_PATIENCE_S = 60
"""How long a process may take to end once it has nothing more to do."""
_SAID = 500
"""Letters of a dead process's last words that are passed on."""


class Worker:
    """The bench's end: starts a process, and asks it.

    Args:
        engine: One of `registry.simulate.bench_chain.ENGINES`.
        set_up: What it puts on its chain before the first turn.
    """

    def __init__(self, engine: str, set_up: SetUp) -> None:
        self._engine = engine
        self._said = TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        self._process = subprocess.Popen(
            # Nothing of the folder where the bench is run is imported.
            [sys.executable, "-P", "-m", "registry.simulate.bench_worker", engine],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            encoding="utf-8",
        )
        self._tell(set_up.model_dump_json())

    def __enter__(self) -> Self:
        """Enter."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let the process end: without orders it lets go of everything, a node of its own too."""
        try:
            self._process.communicate(timeout=_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
        except OSError:
            self._process.wait(_PATIENCE_S)  # It has gone, with something said to it unread.
        finally:
            self._said.close()

    def wait(self) -> None:
        """Wait until its chain is set up."""
        self._answer()

    def turn(self, steps: int | None, seconds: float | None) -> dict[str, Any]:
        """Let it take steps until they are done or their time is over."""
        self._tell(json.dumps({"steps": steps, "seconds": seconds}))
        return self._answer()

    def finish(self) -> dict[str, Any]:
        """Let it check what it did, and return what it knows."""
        self._tell("{}")
        return self._answer()

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # Why it has gone is found when it is asked.
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()

    def _answer(self) -> dict[str, Any]:
        """Return its next answer. Raises BenchFailed where there is none, or it is an error."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._process.wait(_PATIENCE_S)
            self._said.seek(0)
            said = self._said.read().strip()[-_SAID:]
            raise BenchFailed(f"{self._engine}: its process ended: {said}")
        body: dict[str, Any] = json.loads(line)
        if "error" in body:
            raise BenchFailed(f"{self._engine}: {body['error']}")
        return body


class Runner(Protocol):
    """One engine that lives the life of the bench.

    Attributes:
        chunk: Steps that it is given at once.
    """

    chunk: int

    def run(self, steps: int) -> float:
        """Take the next steps, and return the seconds that they took."""

    def gas(self) -> list[int]:
        """Return the gas of the first steps, at most `GAS_KEPT`."""

    def check(self) -> dict[str, Any]:
        """Check all that was done, and return what else was measured."""


@contextmanager
def runner_of(engine: str, set_up: SetUp, folder: Path) -> Iterator[Runner]:
    """Set an engine up, and let go of it at the end.

    Each imports what it needs and nothing of the others, so that its memory is its own.

    Args:
        engine: One of `registry.simulate.bench_chain.ENGINES`.
        folder: Empty; for what the engine writes.
    """
    if engine.startswith("web3-"):
        from registry.simulate.bench_web3 import Web3Runner, over_anvil, stock_tester

        opened = over_anvil if engine == "web3-anvil" else stock_tester
        with opened(set_up) as web3, closing(Web3Runner(web3, set_up, folder)) as runner:
            yield runner
    elif engine.startswith("pyrevm-"):
        from registry.simulate.bench_limits import ExactRunner, RawRunner

        yield RawRunner(set_up) if engine == "pyrevm-raw" else ExactRunner(set_up)
    else:
        from registry.simulate.bench_worlds import WorldRunner

        with closing(WorldRunner(engine, folder)) as world:
            yield world


def _turn(runner: Runner, done: int, steps: int | None, seconds: float | None) -> dict[str, Any]:
    """Take steps until they are done or their time is over, and say when how many were."""
    taken, busy_s, marks = 0, 0.0, []
    while (steps is None or taken < steps) and (seconds is None or busy_s < seconds):
        chunk = runner.chunk if steps is None else min(runner.chunk, steps - taken)
        busy_s += runner.run(chunk)
        taken += chunk
        marks.append((done + taken, busy_s))
    return {"marks": marks, "peak_mb": peak_mb()}


def serve(engine: str, orders: TextIO, answers: TextIO) -> None:
    """Set an engine up, take turns as they are ordered, and check everything at the end."""

    def answer(body: dict[str, Any]) -> None:
        answers.write(json.dumps(body) + "\n")
        answers.flush()

    set_up = SetUp.model_validate_json(orders.readline())
    with TemporaryDirectory() as folder, runner_of(engine, set_up, Path(folder)) as runner:
        answer({})
        done = 0
        for line in orders:
            order = json.loads(line)
            if not order:
                answer({"gas": runner.gas(), **runner.check()})
                return
            turn = _turn(runner, done, **order)
            done = turn["marks"][-1][0] if turn["marks"] else done
            answer(turn)


def main() -> None:
    """Serve the engine named on the command line, over standard input and output."""
    # What a library prints must not come between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        serve(sys.argv[1], sys.stdin, answers)
    except Exception as error:
        answers.write(json.dumps({"error": f"{type(error).__name__}: {error}"}) + "\n")
        answers.flush()
        raise


if __name__ == "__main__":
    main()
