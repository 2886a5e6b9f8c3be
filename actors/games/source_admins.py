"""The admins of the sources, in memory: every bet asks whether its bettor is one of them.

The admins of a source are read when they are first needed. Later ones are added by a named write
(`actors/store.py`), and none is removed, so what is in memory stays true. What an admin may do:
`game/rights.py`.
"""

from storage.reads import Reads


class SourceAdmins:
    """The admins of the sources that were needed since the start."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads
        self._users: dict[str, set[int]] = {}

    def has(self, source_id: str, user_id: int) -> bool:
        """Return whether a user is an admin of an existing source. Raise `StorageError`."""
        users = self._users.get(source_id)
        if users is None:
            users = self._users[source_id] = self._reads.admins_of_source(source_id)
        return user_id in users

    def add(self, source_id: str, user_id: int) -> None:
        """Add an admin, who is on disk. A source that was not needed is read later."""
        if source_id in self._users:
            self._users[source_id].add(user_id)
