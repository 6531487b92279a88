"""Functions compiled to machine code by numba, kept on disk from one run to the next."""

# ruff: noqa: ARG001  (numba prescribes the signature of an intrinsic)

from __future__ import annotations

import hashlib
import inspect
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import llvmlite
import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core.compiler_lock import global_compiler_lock
from numba.extending import intrinsic
from numba.np import arrayobj

from sim.machine_code import Folder, KeptCode

Function = TypeVar("Function", bound=Callable[..., Any])

_PACKAGE = Path(__file__).parent
_COMPILED_FLOORS = ("process", "chance", "engine")


def _sources() -> str:
    """Return a digest of everything that native functions depend on.

    numba checks only the file of the function itself, not those of functions that it calls: a
    changed rule of dispatch would still run in its old form.  The code also depends on the version
    of Python, which calls it.
    """
    files = [Path(__file__)]
    for floor in _COMPILED_FLOORS:
        files += sorted((_PACKAGE / floor).glob("*.py"))
    versions = [numba.__version__, llvmlite.__version__, np.__version__]
    header = " ".join([*versions, str(sys.implementation.cache_tag)])
    digest = hashlib.blake2b(header.encode(), digest_size=8)
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _root() -> Path | None:
    """Return the folder of all machine code; None if there is no home folder."""
    base = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(base) if base else Path.home() / ".cache") / "hall-simulator"
    except RuntimeError:
        return None


FOLDER = Folder(_root(), _sources())
"""Folder in which machine code of these sources is kept, if that is possible."""
_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
_KERNEL: dict[str, Any] = _OPTIONS | {
    "_nrt": False,
    "forceinline": True,
    "no_cfunc_wrapper": True,
}
_INNER: dict[str, Any] = _KERNEL | {"no_cpython_wrapper": True}


def _compile(function: Function, options: dict[str, Any]) -> Function:
    compiled = numba.njit(**options)(function)
    name = f"{Path(inspect.getfile(function)).stem}.{function.__qualname__}"
    if options is not _INNER:  # its code is part of the code of its callers
        KeptCode.attach(compiled, FOLDER, name)
    if _HAS_INDEX_RULE and hasattr(compiled, "compile"):
        compiled.compile = _without_wraparound(compiled.compile)
    return cast("Function", compiled)


def _has_index_rule() -> bool:
    """Say whether this version of numba has the function that `_without_wraparound` replaces.

    With other versions everything works as well, but slower.
    """
    rule = getattr(arrayobj, "fix_integer_index", None)
    return callable(rule) and len(inspect.signature(rule).parameters) == len(
        inspect.signature(_index_as_it_is).parameters
    )


def _without_wraparound(compile_for: Callable[..., Any]) -> Callable[..., Any]:
    """Compile with indices as they are: a negative one does not count from the end.

    The test for negative indices at every access takes a tenth of the engine's time.  numba has it
    for every signed index and no option to switch it off.
    """

    def compile_without(signature: Any) -> Any:
        with global_compiler_lock:
            before, arrayobj.fix_integer_index = arrayobj.fix_integer_index, _index_as_it_is
            try:
                return compile_for(signature)
            finally:
                arrayobj.fix_integer_index = before

    return compile_without


def _index_as_it_is(context: Any, builder: Any, kind: Any, index: Any, _size: Any) -> Any:
    return context.cast(builder, index, kind, types.intp if kind.signed else types.uintp)


_HAS_INDEX_RULE = _has_index_rule()


def is_kept(name: str) -> bool:
    """Say whether machine code of a function is on disk.

    Parameters
    ----------
    name
        Module and name of the function, such as ``compiled._run``.

    Returns
    -------
    bool
        True if there is code of the present sources for any signature.
    """
    return FOLDER.has(name)


def native(function: Function) -> Function:
    """Compile a function when it is first called; it runs without the interpreter's lock.

    Parameters
    ----------
    function
        Function that numba can compile.

    Returns
    -------
    callable
        The compiled function.
    """
    return _compile(function, _OPTIONS)


def kernel(function: Function) -> Function:
    """Compile a function that allocates no arrays; it is inlined into its callers.

    Parameters
    ----------
    function
        Function that numba can compile.

    Returns
    -------
    callable
        The compiled function, which Python can call as well.
    """
    return _compile(function, _KERNEL)


def inner(function: Function) -> Function:
    """Compile a function that only compiled functions call; it is inlined into each of them.

    Passing the state of an engine from function to function would take most of the time.

    Parameters
    ----------
    function
        Function that numba can compile, without allocation of arrays.

    Returns
    -------
    callable
        The compiled function, which Python cannot call.
    """
    return _compile(function, _INNER)


def _high_word(typing_context, a, b):  # type: ignore[no-untyped-def]
    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        wide = ir.IntType(128)
        first, second = (builder.zext(word, wide) for word in arguments)
        high = builder.lshr(builder.mul(first, second), ir.Constant(wide, 64))
        return builder.trunc(high, ir.IntType(64))

    return types.uint64(types.uint64, types.uint64), generate


multiply_high = cast("Callable[[np.uint64, np.uint64], np.uint64]", intrinsic(_high_word))
"""Return the high word of the 128-bit product of two 64-bit words, inside native functions."""
