"""Other programs that are run once for their output. Only the standard library is imported."""

import subprocess


def output_of(*command: str, within_s: float) -> str:
    """Return the standard output of a program, empty if it is missing, fails or takes too long."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=within_s, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
