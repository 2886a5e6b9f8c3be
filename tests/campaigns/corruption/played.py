"""The file that is corrupted: a season of two games, with rows in every table."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import orjson

from game.facts import BetPlaced
from storage.changes import NonceSpent, ReplyKept, SourceOpened, SourcePhaseChanged
from storage.database import Database, open_database
from storage.journal import entries
from storage.kept_replies import kept
from storage.users import add_source_admin, add_user, disable, new_key
from tests.support.bookkeeper import CUP, LEAGUE, NOW, SOURCE, season


def play(path: Path) -> None:
    """Write the file, as the server and the command line do."""
    with closing(open_database(path)) as database:
        season(database)
        _add_people(database)
        for phase in ("closing", "closed"):
            source_id = f"8ab7e4c0-5e2c-4b6e-9f5d-{phase:x<12}"
            database.write([SourceOpened(source_id, phase, "of cups", NOW)])
            database.write([SourcePhaseChanged(phase, source_id)])
        database.write([*_replies(database, CUP), *_replies(database, LEAGUE)])


def _add_people(database: Database) -> None:
    for name, password_hash in (("dan", "$argon2id$1"), ("eve", "$argon2id$2")):
        add_user(
            database,
            name,
            can_host=True,
            balances={"DON": 700},
            key_expires_at=NOW,
            now_ms=NOW + 9,
            password_hash=password_hash,
        )
    new_key(database, "eve", key_expires_at=None, now_ms=NOW + 10)
    disable(database, "dan", now_ms=NOW + 11)
    for name in ("host", "eve"):
        add_source_admin(database, SOURCE, name, now_ms=NOW + 12)
    database.write([NonceSpent(user_id, f"nonce {user_id}") for user_id in (1, 2, 3)])


def _replies(database: Database, game_id: str) -> Iterator[ReplyKept]:
    """What bettors were told, and are told again under the same key."""
    for entry in entries(database, game_id):
        if isinstance(bet := entry.fact, BetPlaced):
            reply = {
                "res": 356,
                "bet_id": bet.bet_id,
                "pool_id": bet.pool_id,
                "target": bet.target_id,
                "amount": bet.amount / 100,
            }
            text = orjson.dumps(reply).decode()
            yield kept(bet.user_id, f"{game_id} {entry.seq}", 392, "fingerprint", text, entry.at)
