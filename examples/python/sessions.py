#!/usr/bin/env python3
"""Sessions of a web service, with ctypes alone: a log-in lasts while it is used, visits are counted, one worker at a time does
the nightly job. Nothing cleans up: what nobody uses goes by itself.

    sessions.py                    SHALE_LIB=path of the library, else the one the system finds"""
import ctypes
import os
import secrets
import sys
import tempfile
import time
from ctypes import POINTER, byref, c_char_p, c_int32, c_int64, c_size_t, c_uint32, c_void_p

LIB = ctypes.CDLL(os.environ.get("SHALE_LIB", "libshale.so.1"))
ERR, BYTES = POINTER(c_void_p), [c_char_p, c_size_t]  # a byte string goes in as a pointer and a length


def declare(name, result, *arguments):
    getattr(LIB, name).restype, getattr(LIB, name).argtypes = result, arguments


declare("shale_error_message", c_char_p, c_void_p)
declare("shale_error_free", None, c_void_p)
declare("shale_status_name", c_char_p, c_int32)
declare("shale_constant", c_int32, c_char_p, POINTER(c_int64))
declare("shale_open", c_int32, c_char_p, c_void_p, POINTER(c_void_p), ERR)
declare("shale_free", None, c_void_p)
declare("shale_get", c_int32, c_void_p, *BYTES, POINTER(c_void_p), POINTER(c_size_t), POINTER(c_int64), c_uint32, ERR)
declare("shale_mem_free", None, c_void_p)
declare("shale_put", c_int32, c_void_p, *BYTES, *BYTES, c_int64, POINTER(c_int64), c_uint32, ERR)
declare("shale_expire", c_int32, c_void_p, *BYTES, c_int64, c_uint32, ERR)
declare("shale_incr", c_int32, c_void_p, *BYTES, c_int64, POINTER(c_int64), c_uint32, ERR)


def constant(name):
    """Numbers come from the library, so that none is copied from the header by hand."""
    value = c_int64()
    call("shale_constant", name.encode(), byref(value), detail=False)
    return value.value


def call(name, *arguments, detail=True):
    """Calls, raises on errors, and returns the name of the outcome: "OK", "NOT_FOUND", ..."""
    error = c_void_p()
    status = getattr(LIB, name)(*arguments, *([byref(error)] if detail else []))
    if status < 0:
        message = LIB.shale_error_message(error).decode()
        LIB.shale_error_free(error)
        raise RuntimeError(f"{LIB.shale_status_name(status).decode()}: {message}")
    return LIB.shale_status_name(status).decode()


IF_ABSENT, TTL_DEFAULT = constant("IF_ABSENT"), constant("TTL_DEFAULT")


class Sessions:
    def __init__(self, path, idle_ms):
        self.idle_ms, self.db = idle_ms, c_void_p()
        call("shale_open", path.encode(), None, byref(self.db))

    def close(self):
        LIB.shale_free(self.db)

    def log_in(self, user):
        token = secrets.token_bytes(16)
        call("shale_put", self.db, b"session/" + token, 24, user, len(user), self.idle_ms, None, 0)
        return token

    def user_of(self, token):
        """The user, whose session lives on for as long again; None when it is over."""
        key, value, size = b"session/" + token, c_void_p(), c_size_t()
        if call("shale_get", self.db, key, len(key), byref(value), byref(size), None, 0) != "OK":
            return None
        user = ctypes.string_at(value, size.value)
        LIB.shale_mem_free(value)
        call("shale_expire", self.db, key, len(key), self.idle_ms, 0)
        return user

    def visit(self, page):
        key, count = b"visits/" + page, c_int64()
        call("shale_incr", self.db, key, len(key), 1, byref(count), 0)
        return count.value

    def only_me(self, job, worker, ms):
        """True for the one worker that gets the job. The lock goes by itself, also when the worker dies."""
        key = b"lock/" + job
        return call("shale_put", self.db, key, len(key), worker, len(worker), ms, None, IF_ABSENT) == "OK"


def main(path):
    web = Sessions(path, idle_ms=1500)
    ann, bob = web.log_in(b"ann"), web.log_in(b"b\x00b")
    assert (web.user_of(ann), web.user_of(bob)) == (b"ann", b"b\x00b")
    assert web.user_of(secrets.token_bytes(16)) is None
    for _ in range(3):
        time.sleep(0.7)
        assert web.user_of(ann) == b"ann", "a session in use lives on"
    assert web.user_of(bob) is None, "a session that is not used ends"
    assert [web.visit(b"/") for _ in range(3)] == [1, 2, 3]
    assert web.only_me(b"nightly", b"worker-1", 60000)
    assert not web.only_me(b"nightly", b"worker-2", 60000)
    web.close()

    web = Sessions(path, idle_ms=1500)  # the service starts anew, its users stay logged in
    assert web.user_of(ann) == b"ann"
    assert web.visit(b"/") == 4
    assert not web.only_me(b"nightly", b"worker-3", 60000)
    try:
        web.visit(b"x" * 65536)
        sys.exit("sessions: a key that is too long was taken")
    except RuntimeError as error:
        assert str(error).startswith("E_TOO_LARGE"), error
    web.close()
    print("ann stayed logged in over a restart; bob was idle and had to go; 4 visits; one worker did the job")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="shale-sessions-") as scratch:
        main(scratch)
