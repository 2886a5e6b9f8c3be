"""Kills a real server again and again while 200 bettors use it.

docs/explanation/campaigns.md lists what must hold. A season (`season.py`) is one database file and
as many lives of a server as requested; each life ends at a moment chosen by the seed
(`moments.py`). The bettors and the host (`bettor.py`, `host.py`) reconnect over real sockets
(`line.py`), repeat requests that got no reply, and remember every message. After each life
`reckoning.py` compares that with the file; violations go to `findings.py`. `python -m
tests.campaigns.kills` runs it: `make kills CYCLES=500`. The simulated counterpart is
`tests/campaigns/sim/`.
"""
