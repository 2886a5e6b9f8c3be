"""Connections to both ports, byte by byte, through a whole server in one process.

`make fuzz-http` starts it; what has to hold is in `heads.py` and `answers.py`.
"""
