"""How often each person of a group met a colleague from elsewhere, and whether two groups differ in that."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orgnet.change.permutation import DRAWS, Permuted, p_of_groups
from orgnet.indicators.draws import Diary
from orgnet.indicators.group_windows import GroupDays
from orgnet.metrics.posts import Posts
from orgnet.spells import count, distinct
from orgnet.windows import Calendar

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class PersonValues:
    """One value for each person of a group (NaN: none), and the organisation of each (-1: of several)."""

    values: Floats
    organisation: Ints


def meetings_of_people(days: GroupDays, diary: Diary, steps: Calendar) -> Ints:
    """At how many meetings each person of a group met a colleague of it from elsewhere: shape (people, steps).

    Somebody who stood for two organisations at one meeting was at one meeting.
    """
    width = max(len(diary.day), 1)
    stays = distinct(days.person * width + days.stayed_at)
    when = steps.windows_over(diary.day[stays % width])
    return count(stays // width, *when, len(days.posts.people), len(steps))


def rates_of_people(meetings: Ints, posts: Posts, chosen: Flags) -> PersonValues:
    """Each person's meetings per step, over the chosen steps at whose end the person is on the group's roster.

    `meetings` has the shape (people, steps), and `posts` are those of the same steps. NaN for who is on no such roster.
    """
    there = posts.members & chosen
    held = there.sum(axis=1)
    total = np.where(there, meetings, 0).sum(axis=1)
    values = np.divide(total, held, out=np.full(len(held), np.nan), where=held > 0)
    return PersonValues(values, posts.only_organisation)


def change_of_people(before: PersonValues, after: PersonValues) -> PersonValues:
    """Each person's value after less the one before; NaN for who lacks one of the two."""
    return PersonValues(after.values - before.values, after.organisation)


def compare_groups(one: PersonValues, two: PersonValues, seed: int, draws: int = DRAWS) -> Permuted:
    """Whether the mean of one group differs from another's, by dealing out the labels within each organisation.

    Who holds posts in several organisations is left out: nobody could say with whom to exchange the label.
    """
    values = np.concatenate([one.values, two.values])
    organisation = np.concatenate([one.organisation, two.organisation])
    first = np.arange(len(values)) < len(one.values)
    return p_of_groups(np.where(organisation < 0, np.nan, values), organisation, first, seed, draws)
