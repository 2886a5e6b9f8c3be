"""Bugs of a cluster that its simulated worlds must find."""

from typing import Final

from tests.campaigns.mutations import Mutation

MUTATIONS: Final = {
    "appended-after-the-commit": Mutation(
        "a record is appended after the COMMIT",
        "storage.cluster.leading",
        (
            (
                "                if self._staged:\n                    self._append(rows_record(",
                "            if self._staged:\n"
                "                with super().transaction():\n"
                "                    self._append(rows_record(",
            ),
        ),
    ),
    "answered-before-the-acknowledgement": Mutation(
        "the leader answers before the acknowledgement",
        "storage.cluster.leading",
        (
            (
                "            case _:\n                raise",
                "            case _ if 0:\n                raise",
            ),
        ),
    ),
    "a-notice-is-a-yes": Mutation(
        "a notice is taken for a yes",
        "storage.cluster.connection",
        (("        if self._notices:", "        if self._notices and not statement:"),),
    ),
    "epoch-not-looked-at": Mutation(
        "the epoch behind the leader's own record is not looked at",
        "storage.cluster.appender",
        (("!= record.place or behind[-1].epoch != record.epoch:", "!= record.place:"),),
    ),
    "place-not-in-the-leaders-transaction": Mutation(
        "the leader's place is not in the transaction",
        "storage.cluster.leading",
        (("                move_position(self, place)", "                pass"),),
    ),
    "place-not-in-the-followers-transaction": Mutation(
        "a follower's place is not in the transaction",
        "storage.position",
        (("            move_position(database, record.place)", "            pass"),),
    ),
    "applied-before-it-is-confirmed": Mutation(
        "a record is applied before it is confirmed",
        "storage.cluster.look",
        (("if record.idx <= confirmed]", "if record.idx <= self.end.idx]"),),
    ),
    "margin-too-long": Mutation(
        "the margin is longer than the lease",
        "actors.cluster.margin",
        (("MARGIN_S: Final = 2.0", "MARGIN_S: Final = 12.0"),),
    ),
    "lost-record-unnoticed": Mutation(
        "a follower does not notice that a record is lost",
        "actors.cluster.follower",
        (
            (
                "if look.place is not PlaceInLog.THERE or look.lease.is_halted:",
                "if look.lease.is_halted:",
            ),
        ),
    ),
    "deposed-unnoticed": Mutation(
        "a leader appends behind another one's records",
        "storage.cluster.appender",
        (("            return Deposed()", "            pass"),),
    ),
}

FOUND_AT: Final = {
    "appended-after-the-commit": 1,
    "answered-before-the-acknowledgement": 1,
    "a-notice-is-a-yes": 18,
    "epoch-not-looked-at": 142,
    "place-not-in-the-leaders-transaction": 1,
    "place-not-in-the-followers-transaction": 1,
    "applied-before-it-is-confirmed": 18,
    "margin-too-long": 17,
    "lost-record-unnoticed": 24,
    "deposed-unnoticed": 45,
}
"""A seed of 12 steps that finds each."""
