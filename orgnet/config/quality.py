"""The limits that records are held to before anything is measured or published."""

from typing import Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from orgnet.config.values import Strict
from orgnet.vocabulary import OF_ONE_DAY, RecordKind


class Limits(Strict):
    """How far records may go before it is said; null: not looked at."""

    rejected_share: float | None = Field(
        default=0.05, ge=0, lt=1, description="Rows put aside, of the rows of the period."
    )
    coverage_drop: float | None = Field(
        default=0.1,
        ge=0,
        lt=1,
        description="By how much the share of organisations whose records are known to be whole may fall.",
    )
    volume_drop: float | None = Field(
        default=0.5, ge=0, lt=1, description="By what share the number of records may fall below the usual."
    )
    organisation_drop: float | None = Field(
        default=0.9,
        ge=0,
        lt=1,
        description="The same for each organisation's attendance and referrals, for as long as it lasts: a lost feed.",
    )
    least: int = Field(default=10, ge=1, description="Where fewer records than this are usual, volume is not judged.")


class LimitsOfKind(Limits):
    """Limits for one kind of record, in the place of those for all; only what is given counts."""

    @model_serializer(mode="wrap")
    def _what_is_given(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        given: dict[str, Any] = dump(self)
        return {name: value for name, value in given.items() if name in self.model_fields_set}


class Quality(Limits):
    """What is asked of records, and what happens when they do not keep to it."""

    on_breach: Literal["mark", "fail"] = Field(
        default="mark", description="Publish all the same and say so, or publish nothing."
    )
    look_back: int = Field(default=6, ge=1, description="The usual is the median of so many slices before.")
    settle_days: int = Field(default=14, ge=0, description="A slice is judged once it has ended for so many days.")
    kinds: dict[RecordKind, LimitsOfKind] = Field(
        default_factory=dict, description="Limits for one kind of record, in the place of those for all."
    )

    def of(self, kind: RecordKind) -> Limits:
        """The limits for one kind: its own, and where it has none those for all.

        Records of one day come day by day; the volume of other kinds is judged only where they have a limit of their own.
        """
        own = self.kinds.get(kind)
        given = {name: getattr(own, name) for name in own.model_fields_set} if own else {}
        waves = {} if kind in OF_ONE_DAY else {"volume_drop": None, "organisation_drop": None}
        limits = {name: getattr(self, name) for name in Limits.model_fields}
        return Limits(**limits | waves | given)
