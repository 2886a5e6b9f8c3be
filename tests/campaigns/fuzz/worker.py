"""One process of `make fuzz`: libFuzzer, through atheris, runs the target.

The coverage of the target's code guides it. Most inputs are changed as what they are (JSON, HTTP),
the rest as bytes, as libFuzzer does. Progress goes to standard output, a JSON object per line.
libFuzzer itself writes to standard error.
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
        put_in(BY_KIND[KIND][name])  # imported here, or atheris would find the module first
    from tests.campaigns.fuzz.target import Failure, Target
    from tests.campaigns.fuzz.targets import TARGETS

TOLD_EVERY = 1_000
TOLD = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # atheris's report of a failure belongs in the log
HUNG_S = 30.0
"""The CPU timeout of one input. Wall time proves nothing on a busy or paused machine."""
NEVER_S = 1_000_000
"""libFuzzer's own wall-clock timeout. It treats 0 as one second, so set it out of reach."""


def _give_up(*_: object) -> None:
    raise AssertionError("it hangs")


def tell(**what: Any) -> None:
    """Print one line for the parent process."""
    print(json.dumps(what), file=TOLD, flush=True)


class Worker:
    """Runs inputs until there were enough or one failed."""

    def __init__(self, target: Target[Any], inputs: int) -> None:
        self._target, self._most = target, inputs
        self._count = self._told = 0
        self._outcomes: Counter[str] = Counter()
        self._inputs = target.inputs

    def take(self, data: bytes) -> None:
        """Run one input."""
        self._count += 1
        signal.setitimer(signal.ITIMER_VIRTUAL, HUNG_S)
        try:
            self._target(data)
            if self._count >= self._most:
                self._target.finish()
        except Failure as failure:
            inputs = [each.decode("latin-1") for each in failure.inputs]
            tell(failed=str(failure), inputs=inputs, after=self._count)
            os._exit(1)  # libFuzzer would report it again and keep only the last input
        if self._count % TOLD_EVERY == 0 or self._count >= self._most:
            self._tell()
        if self._count >= self._most:
            os._exit(0)  # libFuzzer counts differently

    def change(self, data: bytes, most: int, seed: int) -> bytes:
        """Return a changed copy of an input."""
        chance = Random(seed)
        if chance.random() < 0.3:
            changed: bytes = atheris.Mutate(data, most)
            return changed
        return self._inputs.damaged(data, chance)[:most]

    def sow(self, corpus: Path, seed: int) -> None:
        """Write the meaningful inputs to the corpus."""
        for number, data in enumerate(self._inputs.sown(Random(seed))):
            (corpus / f"sown-{seed}-{number}").write_bytes(data)

    def _tell(self) -> None:
        tell(count=self._count - self._told, outcomes=self._target.outcomes - self._outcomes)
        self._told, self._outcomes = self._count, self._target.outcomes.copy()


def as_dictionary(entries: Sequence[bytes]) -> str:
    """Return the words as a libFuzzer dictionary: one per line, in quotes, escaped."""
    return "".join(
        '"' + re.sub(rb"[^ !#-\[\]-~]", lambda m: b"\\x%02x" % m[0][0], e).decode() + '"\n'
        for e in entries
    )


def main(inputs: int, seed: int, folder: Path) -> None:
    """Fuzz until there were enough inputs. Never return."""
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
