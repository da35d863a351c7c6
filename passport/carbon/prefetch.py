"""Ask for memory before it is needed: what a walk over a graph in random order spends its time waiting for."""

from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]  # numba's own; it has no types
from numba import types
from numba.extending import intrinsic


def _asking(locality: int) -> Any:
    """An intrinsic that asks for a line; `locality` as LLVM counts it, 3 for the cache that is nearest."""

    def ask(typing: Any, array: Any, place: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            kind = signature.args[0]
            memory = context.make_array(kind)(context, builder, arguments[0])
            pointer, number, word = ir.IntType(8).as_pointer(), ir.IntType(32), ir.IntType(64)
            width = ir.Constant(word, context.get_abi_sizeof(context.get_data_type(kind.dtype)))
            offset = builder.mul(context.cast(builder, arguments[1], signature.args[1], types.int64), width)
            address = builder.inttoptr(builder.add(builder.ptrtoint(memory.data, word), offset), pointer)
            function = builder.module.declare_intrinsic(
                "llvm.prefetch", [pointer], ir.FunctionType(ir.VoidType(), [pointer, number, number, number])
            )
            builder.call(function, [address, number(0), number(locality), number(1)])  # to read, data
            return context.get_dummy_value()

        return types.void(array, place), generate

    return intrinsic(ask)


prefetch: Any = _asking(3)
"""`prefetch(array, place)` asks for the line of memory that holds `array[place]`; a place outside does no harm.

For contiguous one-dimensional arrays inside compiled functions.
"""

prefetch_outer: Any = _asking(2)
"""The same into the second cache: more of that can be on its way at a time than into the first."""
