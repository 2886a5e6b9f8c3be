"""A seeded world: the whole server in one process, with faults that a seed chooses.

`docs/explanation/reliability.md` says what is promised of it. The seed decides everything (`dice.py`):
what people do (`people.py`), what the network (`network.py`) and the storage (`disk.py`) do to them and
when the server is killed (`house.py`), step by step (`play.py`). What clients are told is checked
as they hear it (`device.py`, `place.py`), what the server keeps at every quiet point
(`invariants.py`). `mutations.py` are bugs that it has to find. `python -m tests.sim` runs it.
"""
