"""The database of a node from a node that lives: `toteboard cluster rejoin`, and `serve`.

    lock the path, ask the engine which nodes live, take a copy of one's file into a draft
    is it of this cluster, and does the log have its place?
    copy the old file aside, and put the draft in its place

Until the last step, nothing has changed. The node then follows the log from the copy's place on.
"""

import ssl
from pathlib import Path
from typing import Any, Final

import trio
from attrs import frozen

from actors.clock import elapsed_s
from actors.cluster.copies import take_copy
from actors.link.file_copy import CopyFailedError
from storage.cluster.connection import Deadline, EngineUnclearError
from storage.cluster.joining import Givers, find_givers, refuse_other_log
from storage.copies import replace, replacement
from storage.errors import DatabaseUnusableError
from storage.lock import real
from storage.membership import cluster_of_file
from storage.sealing import KeyFile
from storage.snapshots import position_in
from toteboard.files import is_missing
from toteboard.stop_signals import StopSignals

ENGINE_ANSWER_S: Final = 5.0
"""How long a question to the engine may take."""
GIVERS_LOOK_S: Final = 1.0


@frozen
class Rejoined:
    """`record`: the idx up to which the new database has applied the log. `address`: the giver's.

    `kept`: where the old database is, None if there was none.
    """

    record: int
    address: str
    kept: Path | None


async def rejoin(
    path: Path,
    url: str,
    keys: KeyFile,
    tls: ssl.SSLContext | None,
    stamp: str,
    patience_s: float,
) -> Rejoined:
    """Replace a database with a copy of another node's, and keep the old one.

    Look for a node that gives one for `patience_s`. Raise DatabaseUnusableError; then nothing has
    changed.
    """
    if not keys.exists():
        raise DatabaseUnusableError(
            f"the key file {keys.path} does not exist: copy that of another node"
        )
    path, secret = real(path), keys.sealer().node_secret
    with replacement(path) as draft:
        givers, address = await _taken(path, draft, url, secret, tls, patience_s)
        position = position_in(draft)
        await trio.to_thread.run_sync(refuse_other_log, url, position, givers, _deadline())
        kept = await trio.to_thread.run_sync(replace, path, draft, stamp)
    return Rejoined(position.place.idx, address, kept)


def rejoin_until_stopped(*values: Any) -> Rejoined | None:
    """Do the same in an event loop of its own. Return None if a signal has ended it."""

    async def run() -> Rejoined | None:
        with trio.CancelScope() as scope, StopSignals().calling(scope.cancel):
            return await rejoin(*values)
        return None

    return trio.run(run)


async def _taken(
    path: Path,
    draft: Path,
    url: str,
    secret: bytes,
    tls: ssl.SSLContext | None,
    patience_s: float,
) -> tuple[Givers, str]:
    """Return the nodes, and the address of the one whose copy is in the draft."""
    until = trio.current_time() + patience_s
    while True:
        try:
            givers = await trio.to_thread.run_sync(find_givers, url, _deadline())
            _refuse_other_cluster(path, givers.cluster)
            return givers, await take_copy(draft, givers.addresses, secret, tls)
        except (EngineUnclearError, CopyFailedError) as error:
            if trio.current_time() >= until:
                raise DatabaseUnusableError(f"no node has given a copy: {error}") from error
            await trio.sleep(GIVERS_LOOK_S)


def _refuse_other_cluster(path: Path, cluster: str) -> None:
    """Raise DatabaseUnusableError if a file that can be read is of another cluster."""
    if is_missing(path):
        return
    try:
        present = cluster_of_file(path)
    except DatabaseUnusableError:
        return  # it is damaged: that is why it is replaced
    if present not in (None, cluster):
        raise DatabaseUnusableError(
            f"{path} belongs to the cluster {present}, and this database is that of {cluster}: "
            "move the file away first"
        )


def _deadline() -> Deadline:
    return Deadline(elapsed_s, elapsed_s() + ENGINE_ANSWER_S)
