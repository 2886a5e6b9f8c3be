"""What several tests share, and tools for the people who change the server."""
