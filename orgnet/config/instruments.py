"""Instruments: which items a survey asks, on which scale, and which indicator each item speaks to."""

from typing import Literal

from pydantic import Field, field_validator, model_validator

from orgnet.config.values import Strict
from orgnet.vocabulary import Indicator

Scale = tuple[float, float]
LEVELS: Scale = (1, 3)
"""The scale of an instrument of kind levels."""


class Item(Strict):
    """One item of an instrument."""

    text: str = Field(default="", description="What is asked, in one's own words.")
    indicator: Indicator | None = Field(default=None, description="The indicator that the item speaks to.")
    factor: str | None = Field(default=None, min_length=1, description="Items of one factor should go together.")
    reverse: bool = Field(default=False, description="The highest answer says the least.")
    scale: Scale | None = Field(default=None, description="Lowest and highest answer; left out: the instrument's.")

    @field_validator("scale")
    @classmethod
    def _in_order(cls, scale: Scale | None) -> Scale | None:
        return scale if scale is None else a_scale(scale)


def a_scale(scale: Scale) -> Scale:
    """A scale whose lowest answer is below its highest. Raises ValueError if it is not one."""
    if not scale[0] < scale[1]:
        raise ValueError(f"found {scale[0]:g} to {scale[1]:g}, expected the lowest answer and then the highest")
    return scale


class Instrument(Strict):
    """A survey instrument as declared: its kind, its scale and its items.

    `likert`: degrees of agreement, read on the scale from 1 to 5. `levels`: each item is an element, and an answer is
    the one of three descriptions that fits. `item_bank`: the items are in a file, each in a domain (its factor), and
    are scored from 0 to 100 by domain.
    """

    kind: Literal["likert", "levels", "item_bank"] = "likert"
    scale: Scale = Field(default=(1, 5), description="Lowest and highest answer; others are rescaled to 1 to 5.")
    items: dict[str, Item] = Field(default_factory=dict, description="The items by the code that answers name.")
    bank: str | None = Field(default=None, description="The CSV file of an item bank's items.")
    domains: tuple[str, ...] | None = Field(default=None, description="An item bank's domains; left out: any.")

    @field_validator("scale")
    @classmethod
    def _in_order(cls, scale: Scale) -> Scale:
        return a_scale(scale)

    @model_validator(mode="after")
    def _of_its_kind(self) -> "Instrument":
        if self.kind != "item_bank" and not self.items:
            raise ValueError(f"an instrument of kind {self.kind} has no items; expected them under items")
        if self.kind != "item_bank" and (self.bank is not None or self.domains is not None):
            raise ValueError("bank and domains are for instruments of kind item_bank only")
        if self.kind == "item_bank" and not all(item.factor for item in self.items.values()):
            raise ValueError("every item of an item bank has its domain under factor")
        if self.kind != "likert" and any(item.indicator for item in self.items.values()):
            raise ValueError(f"an instrument of kind {self.kind} stands beside the indicators and never speaks to one")
        if self.kind == "levels" and any(item.reverse or item.scale for item in self.items.values()):
            raise ValueError("an element has its three levels in order: neither reverse nor scale is for it")
        if self.kind == "levels" and self.scale not in (LEVELS, (1, 5)):
            raise ValueError("an instrument of kind levels has the scale [1, 3]; leave scale out")
        return self

    @model_validator(mode="after")
    def _items_and_indicators_apart(self) -> "Instrument":
        for indicator in self.indicators:
            items = self.speaking_to(indicator)
            if indicator.value in self.items and items != [indicator.value]:
                raise ValueError(
                    f"the item {indicator.value!r} bears an indicator's name, but {', '.join(items)} speak to that "
                    "indicator; give the item another name"
                )
        return self

    @property
    def indicators(self) -> list[Indicator]:
        """The indicators that any item speaks to, in their order."""
        spoken = {item.indicator for item in self.items.values()}
        return [name for name in Indicator if name in spoken]

    def speaking_to(self, indicator: Indicator) -> list[str]:
        """The items that speak to an indicator."""
        return [code for code, item in self.items.items() if item.indicator == indicator]

    @property
    def factors(self) -> dict[str, list[str]]:
        """The items of each factor."""
        found: dict[str, list[str]] = {}
        for code, item in self.items.items():
            if item.factor:
                found.setdefault(item.factor, []).append(code)
        return found
