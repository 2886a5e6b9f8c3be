"""Fuzz the bytes of connections to both ports, through a whole server in one process.

`make fuzz-http` starts it. `heads.py` and `answers.py` contain the checks.
"""
