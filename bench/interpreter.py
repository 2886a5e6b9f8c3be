"""Which Python runs the benchmarks: one that was built optimised, if there is one.

A build with `--enable-optimizations` runs the same code up to 1.3 times as fast, and Node's build
is always optimised. `python -m bench.interpreter` prints the path of the chosen interpreter; the
Makefile makes the benchmarks' virtual environment with it. Only the standard library is imported,
because nothing else is installed at that time.
"""

import json
import os
import sys
import sysconfig
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bench.program import output_of

NAMES = ("python3", "python3.11", "python3.12", "python3.13")
"""The commands to look for on PATH."""
OLDEST = (3, 11)
FASTER = 1.15
"""A build without flags counts as optimised if it is this many times as fast as another."""
TURNS = 7
"""How often the loop is measured for each interpreter. The fastest turn counts."""
PATIENCE_S = 60.0

_FLAGS = ("CONFIG_ARGS", "PY_CORE_CFLAGS", "PY_CFLAGS_NODIST", "CFLAGS_NODIST", "PY_CFLAGS")
_SIGNS = {
    "PGO": ("--enable-optimizations", "-fprofile-use", "-fprofile-instr-use"),
    "LTO": ("--with-lto", "-flto"),
}

_ABOUT = """
import json, sys, sysconfig, venv
base = getattr(sys, "_base_executable", sys.executable)
print(json.dumps([base, sys.version_info[:3], sysconfig.get_config_vars()], default=str))
"""

# What our server's code consists of: calls, attributes, dictionaries, short texts, exceptions.
_LOOP = """
import time
class Pool:
    def __init__(self, name):
        self.name, self.total, self.stakes = name, 0, {}
    def bet(self, user, amount, *, target="none"):
        if amount < 0:
            raise ValueError(amount)
        self.stakes[user, target] = self.stakes.get((user, target), 0) + amount
        self.total += amount
        return self.total
def read(number):
    text = f'{{"op":392,"user":{number},"amount":{number % 7 - 1}}}'
    return dict(part.split(":") for part in text.strip("{}").split(","))
def turn():
    pool, refused = Pool("one"), 0
    for number in range(20_000):
        request = read(number)
        try:
            pool.bet(int(request['"user"']) % 50, int(request['"amount"']), target="a")
        except ValueError:
            refused += 1
    return sorted(pool.stakes.items(), key=lambda pair: -pair[1]), refused
begin = time.process_time()
turn()
print(time.process_time() - begin)
"""


@dataclass(frozen=True)
class Interpreter:
    """An interpreter and what its build flags say: some of PGO and LTO, or nothing."""

    path: str
    version: str
    signs: tuple[str, ...] = ()

    @property
    def minor(self) -> str:
        """Return the version without its last part, such as "3.11"."""
        return self.version.rpartition(".")[0]


def signs(config: Mapping[str, object]) -> tuple[str, ...]:
    """Return which of PGO and LTO the variables of `sysconfig` name.

    An empty result proves nothing: Debian's builds use both, and remove the flags afterwards.
    """
    flags = " ".join(str(config.get(name) or "") for name in _FLAGS).replace("'", " ").split()
    chosen = [flag for flag in flags if not flag.endswith("=no")]
    return tuple(
        name for name, marks in _SIGNS.items() if any(flag.startswith(marks) for flag in chosen)
    )


def best(found: Sequence[Interpreter], loop_s: Mapping[str, float]) -> Interpreter:
    """Return the first interpreter whose flags say PGO, otherwise the one to be preferred.

    That is the fastest by `loop_s` (seconds by path), or the first if none is clearly faster.
    """
    for each in found:
        if "PGO" in each.signs:
            return each
    first, fastest = found[0], min(found, key=lambda each: loop_s[each.path])
    return fastest if loop_s[first.path] >= FASTER * loop_s[fastest.path] else first


def description(
    own: Interpreter, others: Iterable[Interpreter], loop_s: Mapping[str, float]
) -> str:
    """Describe an interpreter and its build: by its flags, or by the loop.

    The loop is compared with the slowest of the others of the same minor version.
    """
    name = f"Python {own.version}"
    if own.signs:
        is_optimised = "optimised" if "PGO" in own.signs else "not optimised"
        return f"{name}, {is_optimised} ({', '.join(own.signs)})"
    alike = [each for each in others if each.minor == own.minor]
    slowest = max((own, *alike), key=lambda each: loop_s[each.path])
    times = loop_s[slowest.path] / loop_s[own.path]
    if times < FASTER:
        return f"{name}, no sign that it is optimised"
    return f"{name}, optimised (a loop is {times:.2f} times as fast as in Python {slowest.version})"


def on_path() -> list[Interpreter]:
    """Return the interpreters on PATH that are new enough and can make a virtual environment."""
    folders = os.get_exec_path()
    paths = [Path(folder, name) for name in NAMES for folder in folders]
    found = [_inspected(str(path)) for path in paths if os.access(path, os.X_OK)]
    return list({each.path: each for each in found if each}.values())


def running() -> str:
    """Describe the build of the running interpreter."""
    base = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    version = ".".join(map(str, sys.version_info[:3]))
    own = Interpreter(base, version, signs(sysconfig.get_config_vars()))
    if own.signs:
        return description(own, (), {})
    others = [each for each in on_path() if each.path != own.path]
    return description(own, others, _timed([own, *others]))


@cache
def _inspected(path: str) -> Interpreter | None:
    """Return the interpreter that a command starts, or None if it does not fit."""
    said = output_of(path, "-I", "-c", _ABOUT, within_s=PATIENCE_S)
    if not said:
        return None
    base, version, config = json.loads(said)
    if tuple(version) < OLDEST:
        return None
    return Interpreter(os.path.realpath(base), ".".join(map(str, version)), signs(config))


def _timed(found: Sequence[Interpreter]) -> dict[str, float]:
    """Return the seconds of processor time that the loop takes, by path. They take turns."""
    taken = {each.path: float("inf") for each in found}
    for _ in range(TURNS):
        for each in found:
            said = output_of(each.path, "-I", "-c", _LOOP, within_s=PATIENCE_S)
            taken[each.path] = min(taken[each.path], float(said or "inf"))
    return taken


def main() -> str | None:
    """Print the path of the interpreter to use, or return why there is none."""
    if not (found := on_path()):
        return "Toteboard needs Python 3.11 or newer"
    is_known = any("PGO" in each.signs for each in found)
    print(best(found, {} if is_known else _timed(found)).path)
    return None


if __name__ == "__main__":
    sys.exit(main())
