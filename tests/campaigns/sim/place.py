"""What one device was told of one game, compared with its journal (contract, "Positions")."""

from attrs import Factory, define

from tests.campaigns.books import Books, Journal, Mark, Message, told_by


@define
class Place:
    """`known`: the greatest `seq` that it knows; up to there, nothing may be missing.

    `is_live`: joined on the present connection. `is_adrift`: it missed too much for a replay, so it
    accepts the next position as it comes. `present`: the users who have joined meanwhile.
    `joined_at`: what was told before that is not repeated.
    """

    game_id: str
    known: int
    joined_at: int = 0
    is_live: bool = True
    is_adrift: bool = False
    present: set[int] = Factory(set)
    _told: set[Mark] = Factory(set)
    _unnamed: set[str] = Factory(set)
    """Pools of which so many bets were published together that some were only counted."""

    def lose(self) -> None:
        """Forget what depends on the lost connection."""
        self.is_live = False
        self.present.clear()

    def meet(self, message: Message) -> None:
        """Record the users who join and leave."""
        if message["res"] == 470:
            self.present.add(message["user_id"])
        elif message["res"] == 480:
            self.present.discard(message["user_id"])

    def hear(self, message: Message, books: Books) -> None:
        """Process a message of the game that has a position."""
        journal = books.journal(self.game_id)
        seq, prev_seq = message["seq"], message.get("prev_seq")
        assert seq <= journal.last_seq, ("told of what is not on disk", message)
        assert "repeated" not in message["response_header"], ("a position of another time", message)
        assert seq >= self.known or self.is_adrift, ("a position fell", self, message)
        if prev_seq is None:
            self._raise(seq, journal, message)
            return
        if self.is_adrift:
            self.known, self.is_adrift = max(self.known, seq), False
            self.joined_at = journal.last_seq
            return
        assert prev_seq <= self.known, ("something was missed", self, message)
        self._told |= told_by(message)
        if message.get("new_bets_omitted"):
            self._unnamed.add(message["pool_id"])
        self._raise(seq, journal, message)

    def _raise(self, seq: int, journal: Journal, message: Message) -> None:
        """Check that everything up to `seq` has been told."""
        if seq <= self.known:
            return
        owed = journal.between(max(self.known, self.joined_at), seq)
        missing = [mark for mark in owed if mark not in self._told]
        if self._unnamed:
            missing = [mark for mark in missing if mark[0] != "bet"]
        assert not missing or self.is_adrift, ("never told", missing, self, message)
        self._told.difference_update(owed)
        self.known = seq

    def must_be_up_to_date(self, books: Books) -> None:
        """Check that everything has been told, because no work is pending."""
        owed = books.journal(self.game_id).between(max(self.known, self.joined_at), 2**62)
        missing = [mark for mark in owed if mark not in self._told]
        if self._unnamed:
            missing = [mark for mark in missing if mark[0] != "bet"]
        assert not missing or self.is_adrift, ("still not told", missing, self)
