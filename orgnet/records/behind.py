"""What a layer of ties rests on: which kinds of record, as far as a network has them."""

from collections.abc import Callable

from orgnet.vocabulary import Layer, RecordKind

_WANTED = {
    Layer.REFERRALS: (RecordKind.REFERRALS,),
    Layer.REFERRALS_BACK: (RecordKind.REFERRALS,),
    Layer.JOINT_ROLES: (RecordKind.JOINT_ROLES, RecordKind.PEOPLE),
    Layer.COMBINED: (RecordKind.ATTENDANCE, RecordKind.REFERRALS, RecordKind.JOINT_ROLES),
}
"""Layers that are not named rest on attendance."""


def kinds_behind(layer: Layer, has: Callable[[RecordKind], bool]) -> tuple[RecordKind, ...]:
    """The kinds of record that a layer rests on, as far as the network has them; none if it has none."""
    supplied = tuple(kind for kind in _WANTED.get(layer, (RecordKind.ATTENDANCE,)) if has(kind))
    if layer == Layer.COMBINED and not supplied and has(RecordKind.PEOPLE):
        return (RecordKind.PEOPLE,)
    return supplied[:1] if layer == Layer.JOINT_ROLES else supplied
