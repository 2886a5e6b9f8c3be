"""The promises, a folder a floor: rules first, then actors, then real sockets and real files."""
