"""What the tests of nodes ask a node, and what its file holds."""

from storage.digest import file_digest
from storage.opening import open_for_reading
from tests.support.process import Process
from toteboard_client import Client, Message


async def asked(host: Client, game_id: str, number: int) -> Message:
    return await host.call(373, game_id=game_id, hashtag=f"#n{number}")


async def seq_of(host: Client, game_id: str) -> int:
    joined = await host.call(363, game_id=game_id)
    assert joined["res"] == 333, joined
    return int(joined["seq"])


def digest(node: Process) -> bytes:
    database = open_for_reading(node.database)
    try:
        return file_digest(database)
    finally:
        database.close()
