"""The measures that levels of professional groups rest on, once more for every replicate: counted by matrices.

The measures are those of `orgnet.metrics.group`, defined there. A replicate says how many times each meeting of the
window counts and who of the group is there at all. One whose meetings all count once, with nobody left out, has the
measures of the records themselves.

Meetings count in a replicate as their copies would: two copies of one are two contacts and two opportunities; copies of
a meeting of a series are meetings of that series, and copies of a meeting of no series are venues of their own. Who
left nobody behind to meet at a meeting was not there to meet. A meeting over the network's size cap stays so.
"""

import numpy as np
from numpy.typing import NDArray

from orgnet.indicators.draws import CELLS_AT_ONCE, Flags, Floats, Times, parts, some
from orgnet.indicators.group_windows import GroupWindow
from orgnet.metrics.ratios import column_sums, ratio

Counts = NDArray[np.int32]


def _middles(counts: Counts, counted: Flags) -> Floats:
    """The median of each column's counted rows; NaN where none is."""
    if not len(counts):
        return np.full(counts.shape[1], np.nan)
    n = np.broadcast_to(counted, counts.shape).sum(axis=0)
    ordered = np.sort(np.where(counted, counts, np.iinfo(np.int32).max), axis=0)
    at = np.minimum(np.maximum([(n - 1) // 2, n // 2], 0), len(counts) - 1)
    return np.where(n > 0, np.take_along_axis(ordered, at, axis=0).mean(axis=0), np.nan)


def _acquaintance(
    window: GroupWindow, times: Times, people: Flags, members: Flags, staffed: Flags
) -> dict[str, Floats]:
    """acq_breadth, acq_density and acq_reach of each replicate."""
    acquainted = window.pairs @ times >= window.acquainted_after
    acquainted = acquainted & people[window.one] & people[window.two]
    knows = window.knowers @ (window.known @ acquainted.astype(np.int32) > 0).astype(np.int32)
    others = staffed.sum(axis=0) - window.held @ staffed.astype(np.int32)
    counted = np.broadcast_to(members & (others > 0), knows.shape)
    share = np.divide(knows, others, out=np.zeros(knows.shape), where=counted)
    there, size = members.astype(np.int64), members.sum(axis=0)
    possible = size * (size - 1) // 2 - (there * (window.colleagues @ there)).sum(axis=0)
    shape = (times.shape[1], people.shape[1])
    return {
        # Added up in the order of people, however many columns there are: a sum in another order may round otherwise.
        "acq_breadth": ratio(column_sums(share), counted.sum(axis=0)),
        "acq_density": ratio(acquainted.sum(axis=0), np.broadcast_to(possible, max(shape))),
        "acq_reach": ratio(((knows > 0) & members).sum(axis=0), np.broadcast_to(size, max(shape))),
    }


def _venues(window: GroupWindow, organisations: Counts, times: Times) -> dict[str, Floats]:
    """venues_any and venues_standing of each replicate."""
    met = (organisations > 0) * times
    broad = (organisations >= window.standing_organisations) * times
    held, wide = window.in_series @ met, window.in_series @ broad
    standing = ((held >= window.standing_meetings) & (2 * wide > held) & (held > 0)).sum(axis=0)
    if window.standing_meetings <= 1:
        standing = standing + broad[window.single].sum(axis=0)
    return {
        "venues_any": np.asarray((held > 0).sum(axis=0) + met[window.single].sum(axis=0), dtype=np.float64),
        "venues_standing": np.asarray(standing, dtype=np.float64),
    }


def _counted(window: GroupWindow, times: Times, people: Flags) -> dict[str, Floats]:
    """The measures of some replicates; `times` or `people` may have one column for all of them."""
    there = (window.partners @ people.astype(np.int32) > 0) & people[window.stay_person]
    came = window.places @ there.astype(np.int32) > 0
    organisations = window.at_meeting @ came.astype(np.int32)
    great = organisations >= window.threshold
    opportunities = great * times
    members = window.members[:, None] & people
    staffed = window.staff @ people.astype(np.int32) > 0
    seen = came & great[window.place_meeting] & (times[window.place_meeting] > 0)
    represented = (window.from_organisation @ seen.astype(np.int32) > 0) & staffed
    meetings = window.of_person @ (there * times[window.stay_meeting])
    return {
        "meet_rate_median": _middles(meetings, members) / window.years,
        "meetings_per_person": ratio(
            np.where(members, meetings, 0).sum(axis=0), np.broadcast_to(members.sum(axis=0), meetings.shape[1])
        ),
        "opp_regularity": (window.in_quarter @ opportunities > 0).sum(axis=0) / window.in_quarter.shape[0],
        "opp_events": opportunities.sum(axis=0) / window.years,
        "venue_org_coverage": ratio(represented.sum(axis=0), np.broadcast_to(staffed, represented.shape).sum(axis=0)),
        **_acquaintance(window, times, people, members, staffed),
        **_venues(window, organisations, times),
    }


def replicate(window: GroupWindow, times: Times, people: Flags | None = None) -> dict[str, Floats]:
    """The measures of a group in every replicate, by name; NaN where one is undefined.

    `times` has the shape (meetings of the window, replicates); `people` says who of the group is kept, of shape
    (people, replicates), everybody if left out. Either may have one column for all replicates.
    """
    kept = np.ones((len(window.members), 1), dtype=bool) if people is None else people
    n = kept.shape[1] if times.shape[1] == 1 else times.shape[1]
    if kept.shape[1] not in (1, n):
        raise ValueError(f"{times.shape[1]} draws of meetings and {kept.shape[1]} of people, expected as many or one")
    rows = max(*window.pairs.shape, len(window.stay_person), window.known.shape[0], len(window.members))
    found = [_counted(window, some(times, at), some(kept, at)) for at in parts(n, rows, CELLS_AT_ONCE)]
    return {name: np.concatenate([part[name] for part in found]) for name in found[0]} if found else {}


def replicate_rates(window: GroupWindow, times: Times) -> dict[str, Floats]:
    """How often a group's people met colleagues from elsewhere, in every replicate: what copies of a meeting leave sound.

    Copies of one meeting make acquaintances that nobody has, so that who knows whom is not among them.
    """
    found: dict[str, list[Floats]] = {"meet_rate_median": [], "meetings_per_person": []}
    members = window.members[:, None]
    for at in parts(times.shape[1], max(len(window.stay_person), len(members)), CELLS_AT_ONCE):
        meetings = window.of_person @ some(times, at)[window.stay_meeting]
        found["meet_rate_median"].append(_middles(meetings, members) / window.years)
        size = np.broadcast_to(members.sum(axis=0), meetings.shape[1])
        found["meetings_per_person"].append(ratio(np.where(members, meetings, 0).sum(axis=0), size))
    return {metric: np.concatenate(values) for metric, values in found.items()}
