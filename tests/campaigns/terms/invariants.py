"""What must hold of a simulated cluster: meanwhile, and once it is well again."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from attrs import Factory, define

from storage.audit import audit
from storage.digest import file_digest
from storage.position import apply_records
from storage.records import LOG_START, LogPlace, LogRecord
from tests.campaigns.terms.cluster import SimulatedCluster
from tests.campaigns.terms.nodes import Acknowledged
from tests.support.disks import open_unsynced


@define
class Watch:
    """What was seen of the nodes' files."""

    only_one_speaks: bool
    seen: dict[str, list[LogPlace]] = Factory(lambda: defaultdict(list))

    def look(self, cluster: SimulatedCluster) -> None:
        """Check that at most one node may speak, and that no file has gone back."""
        leaders = [node.name for node in cluster.leaders]
        assert len(leaders) < 2 or not self.only_one_speaks, ("several nodes lead", leaders)
        for node in cluster.living:
            assert node.failure is None, ("a node failed", node.name, node.failure)
            if node.is_well:
                self._note(node.name, node.place)

    def _note(self, name: str, place: LogPlace) -> None:
        places = self.seen[name]
        before = places[-1] if places else LOG_START
        if place != before:
            assert place.idx > before.idx, ("a position fell", name, before, place)
            assert place.epoch >= before.epoch, ("an epoch fell", name, before, place)
            places.append(place)

    def was_true(self, log: Sequence[LogRecord]) -> None:
        """Check that no file ever had a record that is not in the log."""
        known = {LOG_START, *(record.place for record in log)}
        for name, places in self.seen.items():
            wrong = [place.idx for place in places if place not in known]
            assert not wrong, ("a file had what is not in the log", name, wrong)


def epochs_do_not_fall(told: Iterable[Acknowledged]) -> None:
    """Check that no leader has spoken after one of a later epoch."""
    latest = 0
    for each in sorted(told, key=lambda each: each.is_told_at):
        assert each.epoch >= latest, ("a deposed leader has spoken", each, latest)
        latest = each.epoch


def the_log_is_sound(log: Sequence[LogRecord]) -> None:
    """Check that each record follows the one before it."""
    place = LOG_START
    for record in log:
        assert record.follows(place), ("a record out of turn", record.idx, place.idx)
        place = record.place


def books_are_zero(oracle: Path, log: Sequence[LogRecord]) -> None:
    """Apply the log to a file, and check that its books are right."""
    with closing(open_unsynced(oracle)) as database:
        apply_records(database, log)
        wrong = audit(database)
    assert not wrong, ("the books are wrong", wrong)


def file_is_the_log(file: Path, oracle: Path) -> None:
    """Check that a file holds what the log does, and nothing else."""
    assert _digest_of(file) == _digest_of(oracle), ("another file than the log's", file.name)


def replies_are_borne_out(oracle: Path, told: Iterable[Acknowledged]) -> None:
    """Check that each confirmed payment exists, once, with the id that its payer was told."""
    with closing(open_unsynced(oracle)) as database:
        stored = defaultdict(list)
        for row in database.rows("SELECT reference, id FROM payments"):
            stored[row["reference"]].append(row["id"])
    for reference, ids in stored.items():
        assert len(ids) == 1, ("paid twice", reference, ids)
    for each in told:
        ids = stored[each.reference]
        assert ids == [each.payment_id], ("not what was told", each, ids)


def _digest_of(path: Path) -> bytes:
    with closing(open_unsynced(path)) as database:
        return file_digest(database)
