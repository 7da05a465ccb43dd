"""Source of a ``sitecustomize`` under which no process reaches a network.

Twice over: the kernel refuses every ``socket`` that is not local (seccomp, Linux on x86-64 and
arm64), which holds for compiled code and for child processes too; and Python's audit events tell
who tried, by a mark on standard error. Creating a socket is refused in silence: urllib3 makes one
on import to see whether the machine knows IPv6. Looking up a name or connecting leaves the mark.
"""

import ctypes
import errno
import platform
import socket
import struct
import sys
from typing import Any

MARK = "NETWORK TOUCHED"
_TOUCHING = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")
# Per machine: AUDIT_ARCH of its system calls and the number of socket().
_MACHINES = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}


def _filter(arch: int, number: int) -> bytes:
    """Classic BPF over struct seccomp_data: nr at 0, arch at 4, first argument at 16 (seccomp(2))."""
    load, equal, give = 0x20, 0x15, 0x06
    allow, refuse = 0x7FFF0000, 0x00050000 | errno.EPERM
    program = (
        (load, 0, 0, 4),
        (equal, 1, 0, arch),
        (give, 0, 0, refuse),  # another instruction set: its numbers mean other calls
        (load, 0, 0, 0),
        (equal, 0, 2, number),
        (load, 0, 0, 16),
        (equal, 0, 1, socket.AF_UNIX),
        (give, 0, 0, allow),
        (give, 0, 0, refuse),
    )
    return b"".join(struct.pack("HBBI", *one) for one in program)


def refuse_in_the_kernel() -> bool:
    """Whether the kernel now refuses sockets of this process and of all its children."""
    if sys.platform != "linux" or platform.machine() not in _MACHINES:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    program = _filter(*_MACHINES[platform.machine()])
    held = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(held))
    no_new_privileges, set_seccomp, mode_filter = 38, 22, 2
    return (
        libc.prctl(no_new_privileges, 1, 0, 0, 0) == 0
        and libc.prctl(set_seccomp, mode_filter, ctypes.create_string_buffer(head), 0, 0) == 0
    )


def tell(event: str, given: tuple[Any, ...]) -> None:
    """The audit hook."""
    if event == "socket.__new__" and given[1] not in (socket.AF_UNIX, -1):
        raise OSError("blocked by the test")
    if event in _TOUCHING and getattr(given[0], "family", None) != socket.AF_UNIX:
        sys.stderr.write(f"{MARK}: {event}\n")
        raise OSError("blocked by the test")


if __name__ == "sitecustomize":
    refuse_in_the_kernel()
    sys.addaudithook(tell)
