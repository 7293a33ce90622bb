"""Becomes another program that dies with its parent; run as a file, before anything is imported.

    python -I leash.py PARENT SIGNAL IDENTITY PROGRAM [ARGUMENT ...]

The kernel sends SIGNAL when the parent is gone, however it went. It forgets that wish when the
identity changes, so the identity is changed first. IDENTITY is `same`, `namespace` (root appears
as an ordinary user to the program, and files keep their owner) or `nobody` (root gives up its
identity, and keeps the one power to enter closed folders). Postgres refuses to run as root.
"""

import ctypes
import os
import pathlib
import signal
import sys

NOBODY = 65534
CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 8, 47, 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522


def die_with_parent(signal_number: int, parent: int) -> None:
    """This process gets the signal when its parent dies; at once where it is dead already."""
    if sys.platform == "linux":
        _call("prctl", PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if parent and os.getppid() != parent:
        os.kill(os.getpid(), signal_number)


def enter_namespace() -> None:
    """Root goes on as an ordinary user of a namespace of its own."""
    user, group = os.geteuid(), os.getegid()
    _call("unshare", CLONE_NEWUSER)
    pathlib.Path("/proc/self/uid_map").write_text(f"{NOBODY} {user} 1")
    pathlib.Path("/proc/self/setgroups").write_text("deny")
    pathlib.Path("/proc/self/gid_map").write_text(f"{NOBODY} {group} 1")


def become_nobody() -> None:
    """Root becomes nobody, who may still open files in closed folders."""
    _call("prctl", PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    power = 1 << CAP_DAC_OVERRIDE
    sets = (ctypes.c_uint32 * 6)(power, power, power, 0, 0, 0)
    _call("capset", header, sets)
    _call("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0)


def _call(name: str, *arguments: object) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments):
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


IDENTITIES = {"same": lambda: None, "namespace": enter_namespace, "nobody": become_nobody}


if __name__ == "__main__":
    parent, signal_name, identity, *program = sys.argv[1:]
    IDENTITIES[identity]()
    die_with_parent(getattr(signal, f"SIG{signal_name}"), int(parent))
    os.execvp(program[0], program)
