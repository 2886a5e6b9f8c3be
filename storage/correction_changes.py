"""The rows that a correction of a resolved pool changes.

`storage/changes.py` says what a change is.
"""

from attrs import define

from storage.changes import Change, PlayerSettled, PoolAdded


@define
class PoolRevised(Change):
    """A pool has another result, by the fact `result_seq` at `corrected_at` (epoch ms)."""

    after = PoolAdded
    statement = """
        UPDATE pools SET result_seq = ?, corrected_at = ?, winning_target = ?, result = ?
        WHERE id = ?"""
    result_seq: int
    corrected_at: int
    winning_target: str | None
    result: str | None
    pool_id: str


@define
class PlayerRevised(Change):
    """What a resolved pool gave a player changes by `delta` (hundredths)."""

    after = PlayerSettled
    statement = """
        UPDATE pool_players SET given_back = given_back + ?
        WHERE user_id = ? AND game_id = ? AND resolved_seq = ?"""
    delta: int
    user_id: int
    game_id: str
    resolved_seq: int
