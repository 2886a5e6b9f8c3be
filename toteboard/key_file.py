"""The key file of a server, which the commands on its database use too."""

from collections.abc import Mapping
from pathlib import Path

from storage.opening import key_path
from storage.own_names import refuse_name_of_key_file
from storage.sealing import KeyFile
from toteboard.settings import Settings

CREDENTIAL = "toteboard.key"
"""The name of the credential in a systemd unit: `LoadCredential=toteboard.key:PATH`."""


def key_file(settings: Settings, environ: Mapping[str, str]) -> KeyFile:
    """Return the configured key file, else systemd's credential, else `<database>.key`.

    Raise DatabaseUnusableError if it is the database, or another of the database's files.
    """
    path = _path(settings, environ)
    refuse_name_of_key_file(path, Path(settings.database))
    return KeyFile(path)


def _path(settings: Settings, environ: Mapping[str, str]) -> Path:
    if settings.key_file is not None:
        return Path(settings.key_file)
    if folder := environ.get("CREDENTIALS_DIRECTORY"):
        credential = Path(folder) / CREDENTIAL
        if credential.exists():
            return credential
    return key_path(Path(settings.database))
