"""HTTP: the page, sign-up, sign-in and health on the public port; health and metrics for operators.

The gate of a port (`actors/edge/gate.py`) passes requests here that are not for a WebSocket.
Nothing here knows the messages of the WebSocket.
"""
