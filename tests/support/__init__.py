"""Helpers that several tests share, and tools for developers of the server."""
