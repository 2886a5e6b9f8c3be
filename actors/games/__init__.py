"""The side that decides: one actor for each game, one for the sources, and what they share.

It knows a connection only by the interface in `actors/link/caller.py`. No file here imports
`actors/edge/`. The rules are in `game`; `actors/commit/` makes decisions durable.

| what | where |
|---|---|
| a request on its way to an actor | `router`, `idempotency`, `supervisor`, `mailbox` |
| an actor, and its loop | `actor`, `actor_loop`, `game_actor`, `sources_actor` |
| deciding; the rows of a fact | `decider`, `bank`; `step`, `pending_commit` |
| the watermark, 361s, the order of publications | `publisher`, `bet_batcher`, `subscribers` |
| joins, replays and presence (470, 475, 480) | `joins`, `subscribers` |
| queries; replies without an actor, chat | `queries`, `prepared`; `local_replies` |
"""
