"""A seeded world: the whole server in one process, with faults chosen by a seed.

docs/explanation/campaigns.md lists what must hold. The seed (`dice.py`) decides everything, step by
step (`play.py`): what people do (`people.py`), which faults the network (`network.py`) and the
storage (`disk.py`) inject, and when the server is killed (`house.py`). Messages are checked as
clients receive them (`device.py`, `place.py`), the server's state whenever no work is pending
(`invariants.py`). `tests/campaigns/mutations.py` lists bugs that the tests must find. `python -m
tests.campaigns.sim` runs it.
"""
