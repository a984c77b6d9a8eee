#!/usr/bin/env python3
"""The library from Python, by ctypes alone: handles are pointers, statuses 32-bit integers (0: it went well), timeouts 64-bit
milliseconds (-2: the default). The swap is in the pull form, so that no Python runs beneath a frame of C.

    counter_ctypes.py [URL [LIBRARY]]

Prints: counter_ctypes is 3
"""
import ctypes
import os
import sys
from ctypes import POINTER, byref, c_bool, c_char_p, c_int32, c_int64, c_size_t, c_void_p

DEFAULT = -2
HANDLE = POINTER(c_void_p)


class Failed(Exception):
    pass


def load(path):
    library = ctypes.CDLL(path)
    statuses = {
        "exoref_client_open": [c_char_p, c_void_p, c_int64, HANDLE, HANDLE],
        "exoref_client_close": [c_void_p, c_int64, HANDLE],
        "exoref_atom_create": [c_void_p, c_char_p, c_size_t, c_char_p, c_size_t, c_void_p, c_int64, HANDLE, POINTER(c_bool), HANDLE],
        "exoref_atom_swap_begin": [c_void_p, c_int64, HANDLE, HANDLE, HANDLE],
        "exoref_swap_offer": [c_void_p, c_char_p, c_size_t, c_int64, POINTER(c_bool), HANDLE, HANDLE],
    }
    for name, arguments in statuses.items():
        function = getattr(library, name)
        function.argtypes, function.restype = arguments, c_int32
    for name in ("client", "atom", "swap", "value", "error"):
        release = getattr(library, f"exoref_{name}_release")
        release.argtypes, release.restype = [c_void_p], None
    library.exoref_value_data.argtypes, library.exoref_value_data.restype = [c_void_p], c_void_p
    library.exoref_value_size.argtypes, library.exoref_value_size.restype = [c_void_p], c_size_t
    library.exoref_error_message.argtypes, library.exoref_error_message.restype = [c_void_p], c_char_p
    return library


class Exoref:
    """The few functions that a counter needs; each raises what the library says."""

    def __init__(self, path):
        self.library = load(path)

    def call(self, name, *arguments):
        error = c_void_p()
        if getattr(self.library, name)(*arguments, byref(error)) != 0:
            words = self.library.exoref_error_message(error).decode()
            self.library.exoref_error_release(error)
            raise Failed(words)

    def take_bytes(self, value):
        data = ctypes.string_at(self.library.exoref_value_data(value), self.library.exoref_value_size(value))
        self.library.exoref_value_release(value)
        return data

    def open(self, url):
        client = c_void_p()
        self.call("exoref_client_open", url.encode(), None, DEFAULT, byref(client))
        return client

    def create(self, client, key, initial):
        atom = c_void_p()
        self.call("exoref_atom_create", client, key, len(key), initial, len(initial), None, DEFAULT, byref(atom), None)
        return atom

    def swap(self, atom, function):
        swap, value, done = c_void_p(), c_void_p(), c_bool()
        self.call("exoref_atom_swap_begin", atom, DEFAULT, byref(swap), byref(value))
        try:
            while not done.value:
                proposed = function(self.take_bytes(value))
                self.call("exoref_swap_offer", swap, proposed, len(proposed), DEFAULT, byref(done), byref(value))
            return self.take_bytes(value)
        finally:
            self.library.exoref_swap_release(swap)


def main():
    url = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("EXOREF_URL", "local:exoref-data")
    exoref = Exoref(sys.argv[2] if len(sys.argv) > 2 else "libexoref.so.1")
    client = exoref.open(url)
    atom = exoref.create(client, b"counter_ctypes", b"0")
    for _ in range(3):
        value = exoref.swap(atom, lambda old: str(int(old) + 1).encode())
    print("counter_ctypes is", value.decode())
    exoref.library.exoref_atom_release(atom)
    exoref.call("exoref_client_close", client, 5000)
    exoref.library.exoref_client_release(client)


if __name__ == "__main__":
    try:
        main()
    except (Failed, OSError) as error:
        sys.exit(f"counter_ctypes: {error}")
