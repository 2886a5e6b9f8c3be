"""Every write of the shared tables is a `Change`, and what a `Change` holds is a wire format."""

import ast
import gc
import re
from collections.abc import Iterator
from typing import Any

from attrs import fields

from storage.changes import Change
from storage.records import CHANGE_KINDS
from storage.upgrades import STEPS
from tests.support.tree import tracked_python

FIELDS = {
    "AccountMoved": "account: str, currency: str, delta: int",
    "ActRedacted": "body: str, digest: bytes, act_id: int",
    "ApiKeyAdded": "name: str, role: str, source_id: str | None, digest: bytes, made_at: int",
    "ApiKeyEnded": "ended_at: int, name: str",
    "ApiReplyKept": "key_id: int, idempotency_key: str, call: str, parameters: str, reply: str, "
    "sealed: str | None, answered_at: int, digest: bytes",
    "BettingSet": "may_bet: bool, user_id: int",
    "BreakLifted": "user_id: int",
    "BreakTaken": "user_id: int, until: int | None",
    "EntryMade": "user_id: int, currency: str, at: int, cause: str, current_change: int, "
    "available_change: int, game_id: str | None, pool_id: str | None, seq: int | None, "
    "reference: str | None",
    "ExternalIdSet": "external_id: str, user_id: int",
    "FactWritten": "game_id: str, seq: int, at: int, kind: str, body: str, pool_id: str | None, "
    "digest: bytes",
    "GameAdminAdded": "game_id: str, user_id: int",
    "GameAdminRemoved": "game_id: str, user_id: int",
    "GamePointsMoved": "game_id: str, user_id: int, delta: int",
    "GameSaved": "game_id: str, source_id: str, name: str, type: str | None, currency: str, "
    "hashtag: str, phase: str, status: str, open_at: int, close_at: int | None, "
    "live_start_at: int, wake_at: int | None, last_seq: int, head: bytes",
    "GameScoreRenamed": "name_key: str, user_id: int",
    "HoldEnded": "status: str, posted_amount: int, current_balance: int, available_balance: int, "
    "payment_id: int",
    "HookAdded": "name: str, added_at: int",
    "HookAdvanced": "hook: str, game_id: str, seq: int, replays: int",
    "HookCursorsForgotten": "hook: str",
    "HookPlaced": "hook: str",
    "HookReplayed": "from_ms: int, name: str",
    "HookStopped": "stopped_at: int, name: str",
    "HostSet": "can_host: bool, user_id: int",
    "IdentitiesForgotten": "user_id: int",
    "IdentityAdded": "issuer: str, subject: str, user_id: int",
    "NonceSpent": "user_id: int, nonce: str",
    "NoncesForgotten": "user_id: int",
    "OperatorActed": "at: int, kind: str, body: str, digest: bytes",
    "OwnLimitSet": "user_id: int, currency: str, period: str, kind: str, amount: int | None, "
    "next_amount: int | None, next_at: int | None",
    "PasswordForgotten": "user_id: int",
    "PasswordSet": "user_id: int, hash: str, set_at: int",
    "PaymentMade": "key_id: int, id: int, user_id: int, kind: str, currency: str, amount: int, "
    "reference: str | None, reason: str | None, at: int, current_balance: int, "
    "available_balance: int, status: str | None, expires_at: int | None, "
    "posted_amount: int | None",
    "PlayerRevised": "delta: int, user_id: int, game_id: str, resolved_seq: int",
    "PlayerSettled": "user_id: int, game_id: str, resolved_seq: int, pool_id: str, backed: str, "
    "given_back: int",
    "PointsMoved": "currency: str, user_id: int, delta: int",
    "PoolAdded": "pool_id: str, game_id: str, opened_seq: int",
    "PoolEnded": "resolved_seq: int, resolved_at: int, winning_target: str | None, snapshot: str, "
    "result: str | None, pool_id: str",
    "PoolRevised": "result_seq: int, corrected_at: int, winning_target: str | None, "
    "result: str | None, pool_id: str",
    "ReplyKept": "user_id: int, idempotency_key: str, op: int, parameters: str, reply: str, "
    "answered_at: int, digest: bytes",
    "RightsDated": "rights_at: int, issuer: str, subject: str",
    "SanctionLifted": "kind: str, venue_id: str, user_id: int",
    "SanctionSet": "kind: str, venue_id: str, user_id: int, until: int | None",
    "ScoreRenamed": "name_key: str, user_id: int",
    "SecretNoted": "secret_id: str",
    "SecretReplaced": "secret_id: str",
    "SessionKeyForgotten": "user_id: int",
    "SessionKeyProlonged": "expires_at: int, user_id: int",
    "SessionKeyReplaced": "user_id: int, sealed: str, expires_at: int | None",
    "SlowModeEnded": "game_id: str",
    "SlowModeSet": "game_id: str, ms: int",
    "SourceAdminAdded": "source_id: str, user_id: int",
    "SourceOpened": (
        "source_id: str, name: str, description: str | None, opened_at: int, listed: bool"
    ),
    "SourcePhaseChanged": "phase: str, source_id: str",
    "StaleApiRepliesForgotten": "answered_at: int",
    "StaleRepliesForgotten": "answered_at: int",
    "TransferMade": "at: int, currency: str, debit: str, credit: str, amount: int, cause: str, "
    "game_id: str | None, seq: int | None, reference: str | None",
    "UserAdded": "user_id: int, name: str, name_key: str, can_host: bool, created_at: int",
    "UserDisabled": "user_id: int",
    "UserEnabled": "user_id: int",
    "UserErased": "name: str, erased_at: int, user_id: int",
}
"""The kinds and their fields, as nodes of a cluster and its log know them. A kind may be added,
with a new version of the schema. One that is here must not change."""

WRITES = re.compile(r"\s*(?:INSERT|UPDATE|DELETE|REPLACE)\b")
NOT_SHARED = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM) (?:local_|toteboard_)")
"""Tables about one file, and those of the engine."""
ELSEWHERE = {
    "storage/changes.py": "the statements of the changes",
    "storage/moderation_changes.py": "the statements of moderation",
    "storage/limit_changes.py": "the statements of players' own limits",
    "storage/correction_changes.py": "the statements of corrections",
    "storage/operator_changes.py": "the statements of the operator's changes",
    "storage/hook_changes.py": "the statements of the event stream's changes",
    "storage/position.py": "the place in the log, written with each batch",
    "storage/upgrades.py": "steps of an upgrade, none of them later than the first cluster",
    "storage/replay_audit.py": "temporary tables",
    "storage/snapshots.py": "what a copy for another node leaves out",
}


def wire_format() -> dict[str, str]:
    kinds: dict[str, Any] = dict(CHANGE_KINDS)
    return {
        name: ", ".join(f"{each.name}: {spelled(each.type)}" for each in fields(kind))
        for name, kind in kinds.items()
    }


def spelled(kind: object) -> str:
    return kind.__name__ if isinstance(kind, type) else str(kind)


def written_kinds(kind: type[Change]) -> Iterator[type[Change]]:
    for each in kind.__subclasses__():
        yield from (each, *written_kinds(each))


def strings(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_the_fields_of_the_changes_stay_as_they_are() -> None:
    assert wire_format() == FIELDS


def test_the_log_knows_every_kind_of_change() -> None:
    gc.collect()  # attrs makes each class twice, and the first of the two may still be there
    assert {*written_kinds(Change)} == {*CHANGE_KINDS.values()}


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
