"""Worlds of a whole cluster on simulated time: nodes with files of their own, and an engine.

`machine.py` has the time of a node, which can be paused, and its threads. `engine.py` is
PostgreSQL as far as the nodes can tell, `wire.py` what lies between. `nodes.py` runs the
production code of a node; `play.py` runs one seed, with faults.
"""
