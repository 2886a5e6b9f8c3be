"""The protocol: the op table, the messages, the codec. Nothing here waits or has state.

Its sibling is `storage`, the database. The two do not import each other.
"""
