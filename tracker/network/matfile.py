"""Reads the arrays of a network from the .mat files that MatConvNet saves (MAT-file format, level 5)."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import scipy.io  # type: ignore[import-untyped]  # scipy brings no types
from numpy.typing import NDArray
from scipy.io.matlab import MatReadError  # type: ignore[import-untyped]  # scipy brings no types

from tracker.errors import WeightsError

Arrays: TypeAlias = dict[str, NDArray[Any]]

_RESAVE = "Open it in MATLAB and save it again: data = load(file); save(file, '-struct', 'data', '-v7')."

_COMPRESSED = 15  # miCOMPRESSED, a zlib stream with one variable inside

# scipy's reader checks little: a damaged file fails wherever its bytes happen to lead it.
_DAMAGED = (
    *(OSError, ValueError, TypeError, KeyError, IndexError, OverflowError, NotImplementedError),
    *(EOFError, MatReadError, MemoryError, struct.error, zlib.error),
)


def read_arrays(path: Path) -> Arrays:
    """The arrays of a MatConvNet network, by name, with the shapes and types that the file has.

    Args:
        path: A .mat file of MATLAB 5 to 7 with a saved DagNN (the structure `net` with the structures
            `params`, or `params` alone), or with one variable for each array.

    Raises:
        WeightsError: The file cannot be read, is damaged, of another format, or holds its network as
            something else than structures.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WeightsError(
            f"the file cannot be read ({error.strerror}).", where=path, todo="Check its path and its rights."
        ) from error
    byte_order = _require_matlab_5(content, path)
    try:
        _require_whole(content, byte_order)
        contents: dict[str, Any] = scipy.io.loadmat(BytesIO(content))
    except _DAMAGED as error:
        raise WeightsError(
            f"the file is damaged ({error}).", where=path, todo="Get the file again."
        ) from error
    named = {name: value for name, value in contents.items() if not name.startswith("__")}
    if "net" in named:
        return _from_structures(_fields(named["net"], ("params",), path)[0], path)
    if "params" in named:
        return _from_structures(named["params"], path)
    return {name: np.asarray(value) for name, value in named.items()}


def _require_matlab_5(content: bytes, path: Path) -> str:
    """The byte order of a MAT-file of level 5, "<" or ">" (MAT-file format, "Level 5 header")."""
    order, version = {b"IM": ("<", content[125:126]), b"MI": (">", content[124:125])}.get(
        content[126:128], ("", b"")
    )
    if content.startswith(b"\x89HDF") or version == b"\x02":
        raise WeightsError("this is a MATLAB 7.3 file, which is HDF5 inside.", where=path, todo=_RESAVE)
    if version != b"\x01":
        raise WeightsError(
            "this is no MATLAB file.", where=path, todo="Give the .mat file of the authors' release."
        )
    return order


def _require_whole(content: bytes, byte_order: str) -> None:
    """Raise one of `_DAMAGED` where a variable is cut off or, if compressed, fails its checksum.

    scipy's reader would follow the wrong bytes before it reaches the checksum, and can crash on them.
    """
    position = 128
    while position < len(content):
        kind, size = struct.unpack_from(byte_order + "II", content, position)
        position += 8 + size
        if position > len(content):
            raise EOFError("it ends too early")
        if kind == _COMPRESSED:
            zlib.decompress(content[position - size : position])


def _from_structures(params: object, path: Path) -> Arrays:
    """Arrays by name, from `params`: an array (or cells) of structures with the fields name and value."""
    arrays: Arrays = {}
    for record in np.ravel(np.asarray(params)):
        title, value = _fields(record, ("name", "value"), path)
        name = "".join(map(str, np.ravel(title)))
        if name in arrays:
            raise WeightsError(f"{name} is in the file twice.", where=path, todo="Remove one of them.")
        arrays[name] = np.asarray(value)
    return arrays


def _fields(structure: object, names: tuple[str, ...], path: Path) -> list[Any]:
    """Fields of one structure, in any of the forms that scipy reads it in."""
    record = np.ravel(np.asarray(structure))
    if record.size != 1 or not set(names) <= set(record.dtype.names or ()):
        raise WeightsError(
            f"the network is not saved as structures with the fields {' and '.join(names)}.",
            where=path,
            todo="Save it in MATLAB as a plain structure: net = net.saveobj(); save(file, 'net', '-v7').",
        )
    return [record[name][0] for name in names]
