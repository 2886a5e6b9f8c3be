"""The HTTP side: signing up and in, the page, health and figures, beside the WebSocket port.

Imported only by a server that has one (`--http-port`). What is said over the WebSocket is not here.
"""
