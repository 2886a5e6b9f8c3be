"""What is said: the op table, the messages, the codec. Nothing here waits or remembers.

What is kept is its sibling `storage`; the two do not know each other.
"""
