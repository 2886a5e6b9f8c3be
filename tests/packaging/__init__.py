"""The wheel, the lock files and the deployment files."""
