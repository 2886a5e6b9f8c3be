"""The file of a node that follows takes no writes, and is healthy all the same."""

from pathlib import Path

import pytest

from actors.commit.writer import StorageState, Writer, inline
from storage.cluster.following import FollowingDatabase
from storage.errors import StorageError
from storage.opening import open_database
from storage.store import AddUser


async def test_a_probe_of_a_following_file_succeeds_and_a_write_does_not(tmp_path: Path) -> None:
    writer = Writer(FollowingDatabase(open_database(tmp_path / "t.db")), off_loop=inline)
    await writer.probe()
    assert writer.state is StorageState.STORING
    with pytest.raises(StorageError, match="does not lead"):
        await writer.perform(AddUser("ann", False, {}, None), 1)
