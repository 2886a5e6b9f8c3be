"""How commands perform named writes: through the running server, or on the file without one.

`operating` is used by commands, and `control` by the server. `wire` holds the messages between the
two, and `address` the socket. `storage/store.py` lists the writes. No SQL belongs here.
"""
