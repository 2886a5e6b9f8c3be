"""The front door: command line, settings, logs, the Python client and the composition root."""

__version__ = "0.1.0"
