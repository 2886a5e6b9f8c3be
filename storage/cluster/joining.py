"""What a node without a usable file asks the engine: whose cluster it is, and which nodes live."""

from contextlib import closing

from attrs import frozen

from storage.cluster.connection import Deadline, connect_engine
from storage.cluster.lease import read_lease
from storage.cluster.look import PlaceInLog, look_at_log
from storage.cluster.nodes import PRESENT_S, list_nodes
from storage.cluster.tables import NO_CLUSTER, cluster_of
from storage.errors import DatabaseUnusableError
from storage.migrations import latest_version
from storage.position import FilePosition


@frozen
class Givers:
    """The nodes that can give a copy of their file, those that do not lead first."""

    cluster: str
    addresses: list[str]


def find_givers(url: str, deadline: Deadline) -> Givers:
    """Return the nodes of a cluster that live. Raise EngineUnclearError.

    Raise DatabaseUnusableError if there is no cluster, or if it has a newer schema.
    """
    with closing(connect_engine(url, deadline)) as engine:
        about = cluster_of(engine, deadline)
        if about is None:
            raise DatabaseUnusableError(NO_CLUSTER)
        leader = read_lease(engine, deadline).holder
        nodes = [node for node, seen_s in list_nodes(engine, deadline) if seen_s < PRESENT_S]
    newest = max((node.level for node in nodes), default=0)
    if newest > latest_version():
        raise DatabaseUnusableError(
            f"the nodes have version {newest} of the schema, and this release has version "
            f"{latest_version()}: upgrade this node"
        )
    nodes.sort(key=lambda node: node.id == leader)
    return Givers(about.id, [node.address for node in nodes])


def refuse_other_log(url: str, position: FilePosition, givers: Givers, deadline: Deadline) -> None:
    """Raise DatabaseUnusableError unless the log goes on behind a copy that has arrived.

    Raise EngineUnclearError.
    """
    if position.cluster != givers.cluster:
        raise DatabaseUnusableError(f"the copy is of the cluster {position.cluster}")
    with closing(connect_engine(url, deadline)) as engine:
        if look_at_log(engine, deadline, position.place).place is not PlaceInLog.THERE:
            raise DatabaseUnusableError(
                f"the cluster's log does not have record {position.place.idx} of the copy"
            )
