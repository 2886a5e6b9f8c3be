"""The operator's way in: to the running server if there is one, else to the file itself.

`operating` is the door for commands, `control` what the server opens for them, `wire` what the two
say to each other, `address` where they meet. What can be done is `storage/store.py`; no SQL here.
"""
