"""Generates the parts of the clients that are lists of names, from the AsyncAPI document."""
