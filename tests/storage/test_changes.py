"""Every write of the shared tables is a `Change`, and what a `Change` holds is a wire format."""

import ast
import re
from collections.abc import Iterator
from typing import Any

from attrs import fields

from storage import changes
from storage.changes import Change
from storage.upgrades import STEPS
from tests.support.tree import tracked_python

FIELDS = {
    "AccountMoved": "account: str, currency: str, delta: int",
    "FactWritten": "game_id: str, seq: int, at: int, kind: str, body: str, pool_id: str | None, "
    "digest: bytes",
    "GameAdminAdded": "game_id: str, user_id: int",
    "GameAdminRemoved": "game_id: str, user_id: int",
    "GamePointsMoved": "game_id: str, user_id: int, delta: int",
    "GameSaved": "game_id: str, source_id: str, name: str, type: str | None, currency: str, "
    "hashtag: str, phase: str, status: str, open_at: int, close_at: int | None, "
    "live_start_at: int, wake_at: int | None, last_seq: int, head: bytes",
    "NonceSpent": "user_id: int, nonce: str",
    "NoncesForgotten": "user_id: int",
    "OperatorActed": "at: int, kind: str, body: str, digest: bytes",
    "PasswordSet": "user_id: int, hash: str, set_at: int",
    "PlayerSettled": "user_id: int, game_id: str, resolved_seq: int, pool_id: str, backed: str, "
    "given_back: int",
    "PointsMoved": "currency: str, user_id: int, delta: int",
    "PoolAdded": "pool_id: str, game_id: str, opened_seq: int",
    "PoolEnded": "resolved_seq: int, resolved_at: int, winning_target: str | None, snapshot: str, "
    "result: str | None, pool_id: str",
    "ReplyKept": "user_id: int, idempotency_key: str, op: int, parameters: str, reply: str, "
    "answered_at: int, digest: bytes",
    "SecretNoted": "secret_id: str",
    "SecretReplaced": "secret_id: str",
    "SessionKeyReplaced": "user_id: int, sealed: str, expires_at: int | None",
    "SourceAdminAdded": "source_id: str, user_id: int",
    "SourceOpened": "source_id: str, name: str, description: str | None, opened_at: int",
    "SourcePhaseChanged": "phase: str, source_id: str",
    "StaleRepliesForgotten": "answered_at: int",
    "TransferMade": "at: int, currency: str, debit: str, credit: str, amount: int, cause: str, "
    "game_id: str | None, seq: int | None",
    "UserAdded": "user_id: int, name: str, name_key: str, can_host: bool, created_at: int",
    "UserDisabled": "user_id: int",
}
"""The kinds and their fields, as nodes of a cluster and its log know them. A kind may be added,
with a new version of the schema. One that is here must not change."""

WRITES = re.compile(r"\s*(?:INSERT|UPDATE|DELETE|REPLACE)\b")
NOT_SHARED = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM) (?:local_|toteboard_)")
"""Tables about one file, and those of the engine."""
ELSEWHERE = {
    "storage/changes.py": "the statements of the changes",
    "storage/position.py": "the place in the log, written with each batch",
    "storage/upgrades.py": "steps of an upgrade, none of them later than the first cluster",
    "storage/replay_audit.py": "temporary tables",
}


def wire_format() -> dict[str, str]:
    kinds: list[Any] = [each for each in vars(changes).values() if isinstance(each, type)]
    return {
        kind.__name__: ", ".join(f"{each.name}: {spelled(each.type)}" for each in fields(kind))
        for kind in kinds
        if issubclass(kind, Change) and kind is not Change
    }


def spelled(kind: object) -> str:
    return kind.__name__ if isinstance(kind, type) else str(kind)


def strings(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_the_fields_of_the_changes_stay_as_they_are() -> None:
    assert wire_format() == FIELDS


def test_every_write_of_the_tables_is_a_change_or_about_one_file() -> None:
    written = {
        f"{path.name}: {string.strip()}"
        for path, text in tracked_python("storage", "actors", "toteboard")
        if not any(path.as_posix().endswith(name) for name in ELSEWHERE)
        for string in strings(text)
        if WRITES.match(string) and not NOT_SHARED.match(string)
    }
    assert written == set()


def test_no_step_of_an_upgrade_decides_values_since_there_are_clusters() -> None:
    # A step runs in each file alone, and may seal with random nonces: two files would differ.
    assert max(STEPS) < 7
