"""The rules: games, pools, money. Pure: no clock, no I/O, no await, no randomness.

`decide(game, command, context)` turns a command into facts, and `apply(game, entry)` changes the
game by a fact. The floors above are `protocol`, for the messages, and `storage`, for the database.

| what | where |
|---|---|
| the requests and their parameters; which users may send them | `commands`, `shapes`; `rights` |
| decisions on a request; on what is due | `decide`, `wagering`, `results`; `due` |
| the facts, and how they change a game and its pools | `facts`, `state`, `pools` |
| money: payouts and the hundredths left over; transfers; odds | `payout`; `ledger`; `odds` |
| refusals, limits, names, words | `refusals`, `limits`, `names`, `vocabulary` |
"""
