"""Bad input: millions of messages through a whole server in one process, frames over real sockets.

`make fuzz` and `make frames` start them (`tests/campaigns/fuzz/__main__.py`). What must hold, and
the results: docs/explanation/campaigns.md. Inputs that once failed are in
`tests/campaigns/fuzz/found/`.
"""
