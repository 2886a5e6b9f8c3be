"""The version of this package. It is released with the server and has the same number."""

__version__ = "0.1.0"
