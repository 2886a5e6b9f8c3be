"""A server as a node of a cluster: which node leads, when to campaign, following the log.

    leadership   which node leads, as this node knows it: what edges follow

The log and the lease are in `storage/cluster`. Nothing here knows a game or a socket.
"""
