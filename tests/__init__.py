"""The tests, a folder for each floor: rules first, then actors, then real sockets and files."""
