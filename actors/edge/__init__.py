"""A client's side of the server: sockets, frames, handshakes, and what waits to be sent.

An edge knows no game. What its clients ask for is decided in `actors/games/`; what the two say to
each other is `actors/link/`.
"""
