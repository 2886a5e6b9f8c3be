"""Bets and payments of the same users at the same time, on a real server that may be killed.

docs/explanation/campaigns.md lists what must hold. Each player (`player.py`) bets over a socket
while the operator debits, credits and holds the player's money over the API. Both repeat what got
no answer, under the same key or reference. `evening.py` runs the lives of the server, and compares
what everybody was told with the statements at the end. `python -m tests.campaigns.till` runs it:
`make till TILL_FLAGS="--kills 100"`.
"""
