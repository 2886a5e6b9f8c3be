"""Record everything that SQLite does to files.

A VFS in front of SQLite's own is registered through `ctypes` with the library that Python's
`sqlite3` uses. Nothing is compiled or installed. The layouts are those of `sqlite3.h`.
Memory-mapped access to the WAL's index is not recorded: a power cut loses the index, and SQLite
rebuilds it.
"""

import _sqlite3
import ctypes
import os
import threading
from collections.abc import Callable
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_int64, c_void_p
from typing import Any, Final

from tests.campaigns.power.recording import (
    FOLDER,
    Created,
    Entry,
    Removed,
    SyncBegun,
    Synced,
    Truncated,
    Wrote,
)

OK: Final = 0
_TEMPORARY: Final = 0x200 | 0x400 | 0x1000 | 0x2000
"""TEMP_DB, TRANSIENT_DB, TEMP_JOURNAL, SUBJOURNAL: no process reads them after a power cut."""

_XOpen = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_XDelete = CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)
_XSetCall = CFUNCTYPE(c_int, c_void_p, c_char_p, c_void_p)
_XGetCall = CFUNCTYPE(c_void_p, c_void_p, c_char_p)
_XWrite = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_XTruncate = CFUNCTYPE(c_int, c_void_p, c_int64)
_XSync = CFUNCTYPE(c_int, c_void_p, c_int)
_OpenDirectory = CFUNCTYPE(c_int, c_char_p, c_void_p)


class _Vfs(ctypes.Structure):
    _fields_ = (
        ("version", c_int),
        ("size_of_file", c_int),
        ("longest_path", c_int),
        ("next", c_void_p),
        ("name", c_char_p),
        ("app_data", c_void_p),
        ("x_open", _XOpen),
        ("x_delete", _XDelete),
        ("others", c_void_p * 11),  # from xAccess to xCurrentTimeInt64
        ("x_set_system_call", _XSetCall),
        ("x_get_system_call", _XGetCall),
        ("x_next_system_call", c_void_p),
    )


class _Methods(ctypes.Structure):
    _fields_ = (
        ("version", c_int),
        ("x_close", c_void_p),
        ("x_read", c_void_p),
        ("x_write", _XWrite),
        ("x_truncate", _XTruncate),
        ("x_sync", _XSync),
        ("others", c_void_p * 13),  # from xFileSize to xUnfetch
    )


class _File(ctypes.Structure):
    _fields_ = (("methods", POINTER(_Methods)),)


class _OnLooker:
    def __init__(self, note: Callable[[Entry], None]) -> None:
        self._note = note
        self._names: dict[int, str] = {}
        self._methods: dict[int, _Methods] = {}
        self._thread = threading.local()
        library = _library()
        library.sqlite3_vfs_find.restype = POINTER(_Vfs)
        self._vfs: _Vfs = library.sqlite3_vfs_find(None).contents
        self._in_front = _copy(self._vfs)
        self._in_front.name = b"onlooker"
        self._in_front.x_open = _XOpen(self._open)
        self._in_front.x_delete = _XDelete(self._delete)
        self._open_directory = _OpenDirectory(self._vfs.x_get_system_call(None, b"openDirectory"))
        self._notices_directory = _OpenDirectory(self._opened_directory)
        self._vfs.x_set_system_call(
            ctypes.byref(self._vfs), b"openDirectory", self._notices_directory
        )
        assert library.sqlite3_vfs_register(ctypes.byref(self._in_front), True) == OK

    def _open(self, vfs: int, name: int | None, file: int, flags: int, out: int | None) -> int:
        path = ctypes.string_at(name) if name and not flags & _TEMPORARY else b""
        was_there = os.path.exists(path)
        code: int = self._vfs.x_open(vfs, name, file, flags, out)
        if code == OK and path:
            self._names[file] = _name(path)
            if not was_there:
                self._note(Created(_name(path)))
            opened = _File.from_address(file)
            opened.methods = ctypes.pointer(self._watched(opened.methods))
        return code

    def _watched(self, methods: Any) -> _Methods:
        """Return the methods of an open file, with ours in front of those that change it."""
        address = ctypes.addressof(methods.contents)
        if address not in self._methods:
            theirs, ours = methods.contents, _copy(methods.contents)
            ours.x_write = _XWrite(self._writing(theirs.x_write))
            ours.x_truncate = _XTruncate(self._truncating(theirs.x_truncate))
            ours.x_sync = _XSync(self._syncing(theirs.x_sync))
            self._methods[address] = ours
        return self._methods[address]

    def _writing(self, write: Any) -> Callable[[int, int, int, int], int]:
        def x_write(file: int, data: int, size: int, offset: int) -> int:
            code: int = write(file, data, size, offset)
            if code == OK:
                self._note(Wrote(self._names[file], offset, ctypes.string_at(data, size)))
            return code

        return x_write

    def _truncating(self, truncate: Any) -> Callable[[int, int], int]:
        def x_truncate(file: int, size: int) -> int:
            code: int = truncate(file, size)
            if code == OK:
                self._note(Truncated(self._names[file], size))
            return code

        return x_truncate

    def _syncing(self, sync: Any) -> Callable[[int, int], int]:
        def x_sync(file: int, flags: int) -> int:
            name, by = self._names[file], threading.get_native_id()
            self._note(SyncBegun(name, by))
            code: int = sync(file, flags)
            if code == OK:
                self._note(Synced(name, by))
            self._folder_synced()
            return code

        return x_sync

    def _delete(self, vfs: int, name: bytes, sync_folder: int) -> int:
        was_there = os.path.exists(name)
        code: int = self._vfs.x_delete(vfs, name, sync_folder)
        if code == OK and was_there:
            self._note(Removed(_name(name)))
        self._folder_synced()
        return code

    def _opened_directory(self, name: bytes, handle: int) -> int:
        """Record a sync. SQLite opens a folder only to sync it immediately."""
        code: int = self._open_directory(name, handle)
        if code == OK:
            self._note(SyncBegun(FOLDER, threading.get_native_id()))
            self._thread.syncs_folder = True
        return code

    def _folder_synced(self) -> None:
        if getattr(self._thread, "syncs_folder", False):
            self._note(Synced(FOLDER, threading.get_native_id()))
        self._thread.syncs_folder = False


def _name(path: bytes) -> str:
    return os.fsdecode(os.path.basename(path))


_ON_LOOKERS: Final[list[_OnLooker]] = []
"""Referenced here because SQLite calls them until the process ends."""


def look_on(note: Callable[[Entry], None]) -> None:
    """Call `note` from now on for all that SQLite does to files in this process.

    The call comes after the operation, except for the beginning of a sync: data written during the
    sync may not be included.
    """
    _ON_LOOKERS.append(_OnLooker(note))


def hides_sqlite() -> bool:
    """Return whether this Python contains SQLite without exporting its symbols."""
    return not hasattr(_library(), "sqlite3_vfs_find")


def _library() -> ctypes.CDLL:
    """Return the library behind Python's `sqlite3`."""
    return ctypes.CDLL(getattr(_sqlite3, "__file__", None))


def _copy(structure: Any) -> Any:
    return type(structure).from_buffer_copy(structure)
