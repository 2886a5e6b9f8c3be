"""HTTP: on the public port the page, signing up and in, health; on the operator port metrics too.

The gate of a port (`actors/edge/gate.py`) hands over what is no WebSocket. What is said over the
WebSocket is not here.
"""
