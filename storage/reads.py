"""The named reads: every question that a running server asks of the database.

Each question is a function of the module named after what it reads; the docstring is there. Here it
is bound to the connection that the event loop uses for reading. Actors, admission and HTTP receive
`Reads` instead of a database.

All questions are short, indexed look-ups, because they run on the event loop. Slower ones, such as
`storage/figures.py`, use a connection and a thread of their own.
"""

from functools import partial

from storage import (
    accounts,
    api_keys,
    catalogue,
    journal,
    kept_replies,
    moderation,
    own_limits,
    past,
    payments,
    pools,
    receipts,
    results,
    statements,
    users,
)
from storage.database import Database
from storage.write import DecidedWrite, Write


class Reads:
    """The questions, bound to one connection."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.user_by_id = partial(users.user_by_id, database)
        self.user_by_identity = partial(users.user_by_identity, database)
        self.user_by_name = partial(users.user_by_name, database)
        self.known_user = partial(users.known_user, database)
        self.session_key_of = partial(users.session_key_of, database)
        self.password_hash_of = partial(users.password_hash_of, database)
        self.nonce_spent = partial(users.nonce_spent, database)
        self.balances = partial(accounts.balances, database)

        self.source = partial(catalogue.source, database)
        self.source_named = partial(catalogue.source_named, database)
        self.admins_of_source = partial(catalogue.admins_of_source, database)
        self.sources_of_admin = partial(catalogue.sources_of_admin, database)
        self.open_game_count = partial(catalogue.open_game_count, database)
        self.open_game_ids = partial(catalogue.open_game_ids, database)
        self.games_in_source = partial(catalogue.games_in_source, database)
        self.games_found = partial(catalogue.games_found, database)
        self.games_of_admin = partial(catalogue.games_of_admin, database)

        self.source_of_game = partial(catalogue.source_of_game, database)
        self.damaged_games = partial(catalogue.damaged_games, database)
        self.games_to_wake = partial(catalogue.games_to_wake, database)
        self.games_due = partial(catalogue.games_due, database)
        self.games_due_in_source = partial(catalogue.games_due_in_source, database)
        self.next_wake_at = partial(catalogue.next_wake_at, database)
        self.entries = partial(journal.entries, database)
        self.fold = partial(journal.fold, database)

        self.game_of_pool = partial(pools.game_of_pool, database)
        self.final_snapshot = partial(pools.final_snapshot, database)
        self.resolved_pools_of = partial(pools.resolved_pools_of, database)
        self.results = partial(results.results, database)
        self.result_count = partial(results.result_count, database)
        self.has_unresolved_pools = partial(results.has_unresolved_pools, database)
        self.resolved_pool_count = partial(pools.resolved_pool_count, database)
        self.bets_of_pool = partial(pools.bets_of_pool, database)
        self.bet_count = partial(pools.bet_count, database)
        self.ranking = partial(pools.ranking, database)
        self.game_ranking = partial(pools.game_ranking, database)

        self.past_pool = partial(past.read_past_pool, database)
        self.moment_of = partial(past.moment_of, database)

        self.kept_reply = partial(kept_replies.kept_reply, database)
        self.has_stale_replies = partial(kept_replies.has_stale_replies, database)
        self._bind_operating(database)

    def _bind_operating(self, database: Database) -> None:
        """Bind the questions about money, and about what users may not do."""
        self.statement = partial(statements.statement, database)
        self.receipt = partial(receipts.receipt_of, database)
        self.key_with = partial(api_keys.key_with, database)
        self.next_expiry = partial(payments.next_expiry, database)
        self.users_who_may_not_bet = partial(users.users_who_may_not_bet, database)
        self.last_entry = partial(statements.last_entry, database)
        self.recent_entries = partial(statements.recent_entries, database)
        self.entries_before = partial(statements.entries_before, database)
        self.own_rules = partial(own_limits.own_rules, database)
        self.own_rules_of = partial(own_limits.own_rules_of, database)
        self.present_limits = partial(own_limits.present_limits, database)
        self.usage_between = partial(own_limits.usage_between, database)
        self.carried = partial(accounts.carried, database)
        self.sanctions = partial(moderation.sanctions, database)
        self.slow_modes = partial(moderation.slow_modes, database)

    def decided(self, write: Write, now: int) -> DecidedWrite:
        """Decide a write at `now` (epoch ms) without performing it. Raise what it raises."""
        return write.decide(self._database, now)
