"""Reasons in plain words, without the numbers in them that are protected elsewhere."""

import re
from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from orgnet.disclosure.about import About, about_table
from orgnet.disclosure.profiles import Profile
from orgnet.disclosure.sums import rounded

WITHHELD = "withheld: over too few people, or to be worked out from others that are"
_NOUNS = "people|respondents|cases|joint roles|referrals|attempts|leaders|attendances|spells|patients"
_NUMBER = re.compile(rf"(?<!than )(?<!least )(?<![\d.,])(\d[\d,]*) ({_NOUNS})\b")
_ROSTER = re.compile(r"(people on the roster: )(\d+) before, (\d+) after")


def counted() -> list[str]:
    """Measures whose values are numbers or shares of individuals, by name."""
    rows = about_table()
    found = {
        metric
        for metric, about in zip(rows["metric"].to_pylist(), rows["about"].to_pylist(), strict=True)
        if about in (About.INDIVIDUALS, About.SHARE)
    }
    return sorted({*found, "survey_agreement"})


_NAMES = "|".join(counted())
_FOUND = re.compile(rf"\b({_NAMES})( [<>=!]+ [-\d.]+)? \(found [^)]*\)")
_MOVED = re.compile(rf"^({_NAMES}) (rose|fell) by more than chance: .*$")


def _shown(number: str, profile: Profile) -> str:
    """A number of individuals as it may be told."""
    n = int(number.replace(",", ""))
    if 0 < n <= profile.withhold_up_to:
        return f"1 to {profile.withhold_up_to}" if profile.withhold_up_to > 1 else "few"
    return f"{int(rounded(np.array([n]), profile)[0]):,}"


def without_numbers(reason: str, profile: Profile) -> str:
    """A reason in which numbers of individuals are protected, and what was found of protected measures is left out."""
    told = _MOVED.sub(r"\1 \2 by more than chance", reason)
    told = _FOUND.sub(r"\1\2", told)
    told = _ROSTER.sub(lambda m: f"{m[1]}{_shown(m[2], profile)} before, {_shown(m[3], profile)} after", told)
    return _NUMBER.sub(lambda m: f"{_shown(m[1], profile)} {m[2]}", told)


def told_table(reasons: Iterable[str], profile: Profile) -> pa.Table:
    """Each different reason, and how it is told in a shared copy."""
    known = sorted(set(reasons))
    told = [without_numbers(reason, profile) if profile.protects else reason for reason in known]
    return pa.table({"reason": pa.array(known, pa.string()), "told": pa.array(told, pa.string())})
