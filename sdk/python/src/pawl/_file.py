"""The file of one checkpoint: whole and checked, or not there.

    "PAWLCKPT"  length of the header, 8 bytes, little-endian
    header      JSON, filled up with spaces so that the payload begins at a multiple of 64
    payload     pickle, then the buffers
    SHA-256     of all before it
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional

from ._errors import DamagedCheckpoint, warn
from ._snapshot import ALIGNMENT, Layout

VERSION = 1
_MAGIC = b"PAWLCKPT"
_PREFIX = len(_MAGIC) + 8
_DIGEST = hashlib.sha256().digest_size
_CHUNK = 4 << 20
_KEPT = 2


class Origin(NamedTuple):
    """Whose state it is. None where pawl does not say."""

    run: Optional[str]
    node: Optional[str]
    fingerprint: Optional[str]


class Read(NamedTuple):
    step: int
    origin: Origin
    layout: Layout
    payload: memoryview


def write(folder: Path, origin: Origin, step: int, layout: Layout, payload: memoryview, flush: bool = True) -> Path:
    """Writes beside, flushes, renames and flushes the folder; a crash leaves the old files or the new one as well.

    Unflushed, that holds for a crash of this process; one of the machine may leave a file that `read` refuses.
    OSError if the disk refuses: nothing has changed then, and it can be tried again.
    """
    path = folder / f"step-{step:012}.pawl"
    aside = folder / f".{path.name}.{os.getpid()}.tmp"
    digest = hashlib.sha256()
    try:
        with open(aside, "wb", buffering=0) as file:
            for part in (_header(origin, step, layout, payload.nbytes), payload):
                for at in range(0, len(part), _CHUNK):
                    chunk = part[at : at + _CHUNK]
                    digest.update(chunk)
                    _write_all(file.fileno(), chunk)
            _write_all(file.fileno(), memoryview(digest.digest()))
            if flush:
                os.fsync(file.fileno())
        os.rename(aside, path)
    except BaseException:
        _remove(aside)
        raise
    if flush:
        _sync_folder(folder)
    return path


def _header(origin: Origin, step: int, layout: Layout, payload: int) -> memoryview:
    fields = {"version": VERSION, **origin._asdict(), "step": step, "payload": payload, "pickle": layout.pickle, "buffers": layout.buffers}
    text = json.dumps(fields).encode()
    text += b" " * (-(_PREFIX + len(text)) % ALIGNMENT)
    return memoryview(_MAGIC + len(text).to_bytes(8, "little") + text)


def _write_all(descriptor: int, data: memoryview) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except FileNotFoundError:
        pass
    except OSError as e:
        warn(f"{path} could not be removed ({e}); it stays")


def newest_first(folder: Path) -> List[Path]:
    return sorted(folder.glob("step-*.pawl"), reverse=True)


def sweep(folder: Path) -> None:
    """Keeps the two newest, and what other programs put there."""
    for path in newest_first(folder)[_KEPT:]:
        _remove(path)


def sweep_torn(folder: Path) -> None:
    """Removes what a killed writer left. Only for the folder's one writer, before it writes."""
    for path in folder.glob(".step-*.tmp"):
        _remove(path)


def set_aside(path: Path) -> None:
    """Gives a damaged file a name that nobody reads, and nobody counts as one of the newest."""
    os.replace(path, path.with_name(f".damaged-{path.name}"))


def read(path: Path) -> Read:
    """DamagedCheckpoint if any byte is not the one that was written; OSError if the disk refuses."""
    with open(path, "rb", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        if size < _PREFIX + _DIGEST:
            raise DamagedCheckpoint(f"it has {size:,} bytes, fewer than an empty checkpoint")
        # A mapping and not a bytearray: arrays that become views of it are aligned as they would be by themselves.
        whole = memoryview(mmap.mmap(-1, size))
        digest = hashlib.sha256()
        at = 0
        while at < size:
            got = file.readinto(whole[at : at + _CHUNK])
            if not got:
                raise DamagedCheckpoint(f"it ended after {at:,} of {size:,} bytes while it was read")
            digest.update(whole[at : min(at + got, size - _DIGEST)])
            at += got
    if bytes(whole[: len(_MAGIC)]) != _MAGIC:
        raise DamagedCheckpoint("it does not begin as a checkpoint does")
    if digest.digest() != bytes(whole[-_DIGEST:]):
        raise DamagedCheckpoint("its SHA-256 is another one than the one written")
    begin = _PREFIX + int.from_bytes(whole[len(_MAGIC) : _PREFIX], "little")
    fields: Dict[str, Any] = json.loads(bytes(whole[_PREFIX:begin]))
    if fields["version"] != VERSION:
        raise DamagedCheckpoint(f"it is of version {fields['version']}, and this SDK reads {VERSION}")
    origin = Origin(fields["run"], fields["node"], fields["fingerprint"])
    return Read(fields["step"], origin, Layout(fields["pickle"], fields["buffers"]), whole[begin : begin + fields["payload"]])
