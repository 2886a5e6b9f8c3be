"""The real server, killed again and again under two hundred people who bet.

`docs/explanation/reliability.md` says what is promised. A season (`season.py`) is one file and as
many lives of a server as are asked for; each ends at a moment that a seed chooses (`moments.py`). The people
(`bettor.py`, `host.py`) come back on real sockets (`line.py`), ask again what was not answered, and
know what they were told; after each life `reckoning.py` compares that with the file. What does not
hold is noted in `findings.py`. `python -m tests.kills` runs it: `make kills CYCLES=500`. What a
whole simulated world endures, step by step, is `tests/sim/`.
"""
