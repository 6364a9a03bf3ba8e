"""The rules by which values of a copy are not those that were measured."""

from enum import StrEnum


class DisclosureRule(StrEnum):
    """Why a value of a shared copy is not the one that was measured."""

    FEW_PEOPLE = "few_people"
    SMALL_NUMBER = "small_number"
    SMALL_PART = "small_part"
    PEOPLE_UNKNOWN = "people_unknown"
    NOT_DECLARED = "not_declared"
    BY_SUBTRACTION = "by_subtraction"
    OVERLAPPING_WINDOWS = "overlapping_windows"
    FOLLOWS = "follows"
    ROUNDED = "rounded"
