"""Bad input: messages by the million through a whole server in one process, frames by live sockets.

`make fuzz` and `make frames` start them (`tests/fuzz/__main__.py`); `docs/explanation/reliability.md`
says what has to hold and what came of it. What was ever found is in `tests/fuzz/found/`.
"""
