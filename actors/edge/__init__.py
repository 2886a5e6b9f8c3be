"""A client's side of the server: sockets, frames, handshakes, and messages that wait to be sent.

An edge knows no game. What its clients ask for is decided in `actors/games/`. What the two exchange
is in `actors/link/`.

From the socket inwards: `arrivals` accepts, `gate` reads the first request, `admission` signs in,
`wire` and its two halves carry frames, `connection` and its parts serve the client.
"""
