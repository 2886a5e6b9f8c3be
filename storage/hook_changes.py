"""The rows of the event stream: hooks, and how far each has come (`storage/hooks.py`).

`storage/changes.py` says what a change is. All kinds are one family: they keep their order.
"""

from attrs import define

from storage.changes import Change


@define
class HookAdded(Change):
    """A hook of the settings is new; `added_at` in epoch ms."""

    statement = "INSERT INTO hooks (name, added_at) VALUES (?, ?)"
    name: str
    added_at: int


@define
class HookPlaced(Change):
    """The hook begins behind the last fact of each game that exists."""

    after = HookAdded
    statement = "INSERT OR REPLACE INTO hook_cursors SELECT ?, id, last_seq FROM games"
    hook: str


@define
class HookAdvanced(Change):
    """The receiver has the facts of a game up to `seq`, since the replay number `replays`.

    If the hook was replayed meanwhile, nothing changes: it begins again.
    """

    after = HookAdded
    statement = """
        INSERT OR REPLACE INTO hook_cursors
        SELECT ?1, ?2, ?3 FROM hooks WHERE name = ?1 AND replays = ?4"""
    hook: str
    game_id: str
    seq: int
    replays: int


@define
class HookStopped(Change):
    """The receiver said that it is gone; `stopped_at` in epoch ms."""

    after = HookAdded
    statement = "UPDATE hooks SET stopped_at = ? WHERE name = ?"
    stopped_at: int
    name: str


@define
class HookReplayed(Change):
    """The hook begins again, with the facts from `from_ms` (epoch ms) on."""

    after = HookAdded
    statement = """
        UPDATE hooks SET replays = replays + 1, from_ms = ?, stopped_at = NULL WHERE name = ?"""
    from_ms: int
    name: str


@define
class HookCursorsForgotten(Change):
    """How far the hook has come is forgotten."""

    after = HookAdded
    statement = "DELETE FROM hook_cursors WHERE hook = ?"
    hook: str
