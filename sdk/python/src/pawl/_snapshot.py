"""A state as bytes: pickle, with the large parts copied as they are."""

from __future__ import annotations

import array
import ctypes
import io
import pickle
import sys
from typing import Any, Callable, Dict, List, NamedTuple, Optional

from ._memory import Memory

ALIGNMENT = 64
_PROTOCOL = 5

# Made in some 10 ms; what is less is not worth waiting for.
_MUCH = 8 << 20


class Layout(NamedTuple):
    """How a payload is cut: the pickle first, then each buffer at the next multiple of ALIGNMENT."""

    pickle: int
    buffers: List[int]


class Snapshot:
    """Copies states into memory that is used again for the next one."""

    def __init__(self) -> None:
        self._memory = Memory()
        self._wanted = 0

    def take(self, state: Any, patient: bool = False) -> Optional[Layout]:
        """Copies the state. What the one before left in the memory is overwritten.

        Patient, it copies nothing where much memory would have to be made first, and gives None: then `make_room` is to be
        called, which another thread can do.
        """
        memory = self._memory
        memory.clear()
        memory.limit = memory.room + _MUCH if patient else None
        buffers: List[pickle.PickleBuffer] = []
        _Pickler(memory, buffers.append).dump(state)
        size = memory.used
        views = [buffer.raw() for buffer in buffers]
        sizes = [view.nbytes for view in views]
        self._wanted = size + sum(sizes) + ALIGNMENT * len(sizes)
        if memory.limit is not None and self._wanted > memory.limit:
            return None
        # Room for all of it at once: to grow means to copy what is there.
        memory.reserve(self._wanted)
        for view in views:
            memory.align(ALIGNMENT)
            memory.write(view)
            view.release()
        return Layout(size, sizes)

    def make_room(self) -> None:
        """Makes the memory that the last `take` wanted."""
        self._memory.clear()
        self._memory.reserve(self._wanted)

    def read(self) -> memoryview:
        return self._memory.read()


def load(payload: memoryview, layout: Layout) -> Any:
    """The state again. Arrays are views of the payload, which must be writable and is theirs from now on."""
    at, buffers = layout.pickle, []
    for size in layout.buffers:
        at += -at % ALIGNMENT
        buffers.append(payload[at : at + size])
        at += size
    return pickle.Unpickler(io.BytesIO(payload[: layout.pickle]), buffers=buffers).load()


class _Pickler(pickle.Pickler):
    """Hands over as buffers what pickle would copy more than once: arrays, views and tensors (numpy's do it by themselves)."""

    def __init__(self, out: Memory, take: Callable[[pickle.PickleBuffer], Any]) -> None:
        super().__init__(out, protocol=_PROTOCOL, buffer_callback=take)
        self._torch: Any = sys.modules.get("torch")
        self._storages: Dict[int, _Storage] = {}
        self._alive: List[Any] = []

    def reducer_override(self, obj: Any) -> Any:
        kind = type(obj)
        if kind is array.array:
            return _load_array, (obj.typecode, pickle.PickleBuffer(obj))
        if kind is memoryview and obj.c_contiguous:
            return _load_view, (obj.format, obj.shape, pickle.PickleBuffer(obj))
        if kind is _Storage:
            return obj.reduced()
        torch = self._torch
        if torch is not None and (kind is torch.Tensor or kind is torch.nn.Parameter) and _is_plain(obj, torch):
            leaf = obj.is_leaf and obj.requires_grad
            values = (self._storage(obj), obj.dtype, obj.storage_offset(), tuple(obj.shape), obj.stride(), str(obj.device))
            return _load_tensor, (*values, leaf, kind is not torch.Tensor)
        return NotImplemented

    def _storage(self, tensor: Any) -> _Storage:
        """One for each storage, so that tensors that share one do so again after a restore."""
        storage = _untyped(tensor)
        self._alive.append(storage)
        key = storage.data_ptr() or id(storage)
        if key not in self._storages:
            host = storage.cpu()
            self._alive.append(host)
            self._storages[key] = _Storage(host)
        return self._storages[key]


class _Storage:
    """The bytes behind one or more tensors."""

    def __init__(self, storage: Any) -> None:
        self._storage = storage

    def reduced(self) -> Any:
        size = self._storage.nbytes()
        memory = (ctypes.c_char * size).from_address(self._storage.data_ptr()) if size else b""
        return _load_storage, (pickle.PickleBuffer(memory),)


def _untyped(tensor: Any) -> Any:
    if hasattr(tensor, "untyped_storage"):
        return tensor.untyped_storage()
    typed = tensor.storage()
    return typed.untyped() if hasattr(typed, "untyped") else typed._storage


def _is_plain(tensor: Any, torch: Any) -> bool:
    return (
        tensor.layout == torch.strided
        and not tensor.is_quantized
        and tensor.device.type in ("cpu", "cuda")
        and not tensor.is_conj()
        and not tensor.is_neg()
    )


def _load_array(typecode: str, data: Any) -> Any:
    values = array.array(typecode)
    values.frombytes(data)
    return values


def _load_view(form: str, shape: Any, data: Any) -> memoryview:
    flat = memoryview(data).cast("B")
    return flat.cast(form, shape) if form != "B" or len(shape) != 1 else flat


def _load_storage(data: Any) -> Any:
    import torch

    # A copy: memory as torch lays it out itself. Kernels may sum in another order where the alignment differs.
    size = memoryview(data).nbytes
    raw = torch.empty(size, dtype=torch.uint8)
    if size:
        raw.copy_(torch.frombuffer(data, dtype=torch.uint8))
    return raw


def _load_tensor(raw: Any, dtype: Any, offset: int, shape: Any, stride: Any, device: str, leaf: bool, parameter: bool) -> Any:
    import torch

    width = torch.empty(0, dtype=dtype).element_size()
    whole = raw[: raw.numel() // width * width].view(dtype)
    tensor = whole.as_strided(shape, stride, offset) if whole.numel() else torch.empty(shape, dtype=dtype)
    if not device.startswith("cpu") and torch.cuda.is_available():
        tensor = tensor.to(device)
    if parameter:
        return torch.nn.Parameter(tensor, requires_grad=leaf)
    return tensor.requires_grad_(leaf) if leaf else tensor
