"""What is kept: all the SQL of the product. Nothing here knows of sockets, messages or trio.

What is said is its sibling `protocol`; the two do not know each other.
"""
