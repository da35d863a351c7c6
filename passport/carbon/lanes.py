"""Numbers side by side in the processor's registers: what a compiled loop over several columns does its sums in."""

from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]  # numba's own; it has no types
from numba import types
from numba.core.datamodel import models
from numba.extending import intrinsic, register_model

_DOUBLE, _NUMBER = ir.DoubleType(), ir.IntType(32)
_DOUBLE_BYTES = 8

LINE_BYTES = 64
"""How much memory is written at once past the caches, and what has to be a multiple of it."""


class Lanes(types.Type):
    """So many float64 side by side; inside compiled functions only.

    Args:
        count: How many.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__(name=f"Lanes({count})")


@register_model(Lanes)
class _Model(models.PrimitiveModel):
    def __init__(self, manager: Any, lanes: Lanes) -> None:
        super().__init__(manager, lanes, ir.VectorType(_DOUBLE, lanes.count))  # type: ignore[no-untyped-call]


def _zeros(typing: Any, count: Any) -> Any:
    lanes = Lanes(count.literal_value)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return ir.Constant(ir.VectorType(_DOUBLE, lanes.count), None)

    return lanes(count), generate


def _read(typing: Any, like: Any, array: Any, place: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = _address(context, builder, signature, arguments, at=1)
        return builder.load(address, align=_DOUBLE_BYTES)

    return like(like, array, place), generate


def _write(typing: Any, lanes: Any, array: Any, place: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = _address(context, builder, signature, arguments, at=1)
        builder.store(arguments[0], address, align=_DOUBLE_BYTES)
        return context.get_dummy_value()

    return types.void(lanes, array, place), generate


def _stream(typing: Any, lanes: Any, array: Any, place: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = _address(context, builder, signature, arguments, at=1)
        stored = builder.store(arguments[0], address, align=LINE_BYTES)
        stored.set_metadata("nontemporal", builder.module.add_metadata([_NUMBER(1)]))
        return context.get_dummy_value()

    return types.void(lanes, array, place), generate


def _settle(typing: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.fence("seq_cst")
        return context.get_dummy_value()

    return types.void(), generate


def _plus(typing: Any, one: Any, other: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.fadd(*arguments)

    return one(one, other), generate


def _times(typing: Any, lanes: Any, number: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.fmul(arguments[0], _in_each(builder, lanes, arguments[1]))

    return lanes(lanes, types.float64), generate


def _sizes(typing: Any, lanes: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _without_signs(builder, lanes, arguments[0])

    return lanes(lanes), generate


def _is_apart(typing: Any, one: Any, other: Any, share: Any, rest: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        first, second, *numbers = arguments
        bound = builder.fmul(_without_signs(builder, one, first), _in_each(builder, one, numbers[0]))
        bound = builder.fadd(bound, _in_each(builder, one, numbers[1]))
        apart = _without_signs(builder, one, builder.fsub(first, second))
        each = builder.fcmp_unordered(">", apart, bound)
        word = ir.IntType(one.count)
        return builder.icmp_unsigned("!=", builder.bitcast(each, word), word(0))

    return types.boolean(one, other, types.float64, types.float64), generate


def _address(context: Any, builder: Any, signature: Any, arguments: Any, *, at: int) -> Any:
    """Where the lanes begin: `arguments[at]` is an array, the one after it a place; the first one's type is theirs."""
    kind = signature.args[at]
    memory = context.make_array(kind)(context, builder, arguments[at])
    place = context.cast(builder, arguments[at + 1], signature.args[at + 1], types.int64)
    lanes = ir.VectorType(_DOUBLE, signature.args[0].count)
    return builder.bitcast(builder.gep(memory.data, [place]), lanes.as_pointer())


def _without_signs(builder: Any, lanes: Any, numbers: Any) -> Any:
    kind = ir.FunctionType(numbers.type, [numbers.type])
    return builder.call(builder.module.declare_intrinsic(f"llvm.fabs.v{lanes.count}f64", (), kind), [numbers])


def _in_each(builder: Any, lanes: Any, number: Any) -> Any:
    one = ir.Constant(ir.VectorType(_DOUBLE, lanes.count), ir.Undefined)
    one = builder.insert_element(one, number, _NUMBER(0))
    return builder.shuffle_vector(one, one, ir.Constant(ir.VectorType(_NUMBER, lanes.count), [0] * lanes.count))


zeros: Any = intrinsic(prefer_literal=True)(_zeros)
"""`zeros(8)` are as many lanes of zero; the number is written out."""

read: Any = intrinsic(_read)
"""`read(like, array, place)` are as many numbers as `like` has, from `array[place]` on; they have to be there."""

write: Any = intrinsic(_write)
"""`write(lanes, array, place)` puts them at `array[place]` and on."""

stream: Any = intrinsic(_stream)
"""The same past the caches, which keep what they hold; the lanes fill lines of memory, and begin with one."""

settle: Any = intrinsic(_settle)
"""`settle()` waits until what has been streamed is there for everybody."""

plus: Any = intrinsic(_plus)
"""`plus(one, other)`, lane by lane."""

times: Any = intrinsic(_times)
"""`times(lanes, number)`, each lane times the same number."""

sizes: Any = intrinsic(_sizes)
"""`sizes(lanes)`, each lane without its sign."""

is_apart: Any = intrinsic(_is_apart)
"""`is_apart(one, other, share, rest)`: whether |one - other| <= share * |one| + rest is untrue of any lane.

A lane that is no number is apart.
"""
