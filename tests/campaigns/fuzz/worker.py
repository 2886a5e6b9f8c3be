"""One process of `make fuzz`: libFuzzer, by way of atheris, on the target.

Coverage of the code that a target goes through leads it. Most of what it tries are inputs changed
as what they are (JSON, HTTP), the rest bytes changed as libFuzzer does. What it has done is told on
standard output, a JSON object a line; libFuzzer itself speaks on standard error.
"""

import json
import os
import re
import signal
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import atheris

from tests.campaigns.fuzz.mutations import BY_KIND
from tests.campaigns.mutations import put_in

KIND = sys.argv[1]
LED_BY = {
    "messages": ["game", "protocol", "storage", "actors"],
    "http": ["protocol", "actors.edge.gate", "actors.edge.admission", "toteboard.http"],
}

with atheris.instrument_imports(include=LED_BY[KIND]):
    if name := sys.argv[5]:
        put_in(BY_KIND[KIND][name])  # here, or atheris would find the module first
    from tests.campaigns.fuzz.target import Failure, Target
    from tests.campaigns.fuzz.targets import TARGETS

TOLD_EVERY = 1_000
TOLD = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what atheris has to say of a fault of ours belongs to the log
HUNG_S = 30.0
"""Of the processor's time for one input: a machine that is busy, or was stopped, proves nothing."""
NEVER_S = 1_000_000
"""When libFuzzer gives up on an input by the clock; it takes 0 for a second."""


def _give_up(*_: object) -> None:
    raise AssertionError("it hangs")


def tell(**what: Any) -> None:
    """One line for who started us."""
    print(json.dumps(what), file=TOLD, flush=True)


class Worker:
    """Takes inputs until there were enough, or one failed."""

    def __init__(self, target: Target[Any], inputs: int) -> None:
        self._target, self._most = target, inputs
        self._count = self._told = 0
        self._outcomes: Counter[str] = Counter()
        self._inputs = target.inputs

    def take(self, data: bytes) -> None:
        """One input."""
        self._count += 1
        signal.setitimer(signal.ITIMER_VIRTUAL, HUNG_S)
        try:
            self._target(data)
            if self._count >= self._most:
                self._target.finish()
        except Failure as failure:
            inputs = [each.decode("latin-1") for each in failure.inputs]
            tell(failed=str(failure), inputs=inputs, after=self._count)
            os._exit(1)  # libFuzzer would tell the same in its own way, and keep the last input
        if self._count % TOLD_EVERY == 0 or self._count >= self._most:
            self._tell()
        if self._count >= self._most:
            os._exit(0)  # libFuzzer counts otherwise

    def change(self, data: bytes, most: int, seed: int) -> bytes:
        """Another input, made of this one."""
        chance = Random(seed)
        if chance.random() < 0.3:
            changed: bytes = atheris.Mutate(data, most)
            return changed
        return self._inputs.damaged(data, chance)[:most]

    def sow(self, corpus: Path, seed: int) -> None:
        """Begin with what makes sense."""
        for number, data in enumerate(self._inputs.sown(Random(seed))):
            (corpus / f"sown-{seed}-{number}").write_bytes(data)

    def _tell(self) -> None:
        tell(count=self._count - self._told, outcomes=self._target.outcomes - self._outcomes)
        self._told, self._outcomes = self._count, self._target.outcomes.copy()


def as_dictionary(entries: Sequence[bytes]) -> str:
    """The words in the form that libFuzzer reads: one a line, in quotes, the rest escaped."""
    return "".join(
        '"' + re.sub(rb"[^ !#-\[\]-~]", lambda m: b"\\x%02x" % m[0][0], e).decode() + '"\n'
        for e in entries
    )


def main(inputs: int, seed: int, folder: Path) -> None:
    """Fuzz until there were enough; never returns."""
    corpus, dictionary = folder / f"corpus-{seed}", folder / f"{seed}.dict"
    corpus.mkdir(parents=True, exist_ok=True)
    with TARGETS[KIND]() as target:
        worker = Worker(target, inputs)
        worker.sow(corpus, seed)
        dictionary.write_text(as_dictionary(target.inputs.words()))
        options = [f"-seed={seed}", f"-dict={dictionary}"]
        options += [
            f"-max_len={target.inputs.longest}",
            f"-timeout={NEVER_S}",
            "-detect_leaks=0",
            "-len_control=0",
        ]
        options += ["-rss_limit_mb=0", f"-artifact_prefix={folder}/", str(corpus)]
        atheris.Setup([sys.argv[0], *options], worker.take, custom_mutator=worker.change)
        signal.signal(signal.SIGVTALRM, _give_up)
        atheris.Fuzz()


main(int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
