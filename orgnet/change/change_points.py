"""When did a series change, if nobody says when? Descriptive only: what is found never moves the phases of a network.

PELT with squared error (Killick, Fearnhead & Eckley 2012 J Am Stat Assoc): the change points for which squared error
within segments, plus a penalty for each point, is least.
"""

import importlib
from math import log

import numpy as np
from numpy.typing import NDArray

from orgnet.change.design import Points
from orgnet.errors import InputFault

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
SMALLEST_SEGMENT = 3
MISSING = (
    "change points need the package ruptures, which is not installed: pip install 'interorgnet[change-points]', or "
    "leave change points out"
)


def noise(values: Floats) -> float:
    """The standard deviation of the noise, from differences of neighbours: 1.4826 times their median size over sqrt(2).

    Steps and a steady trend hardly touch it; a series that mostly stands still has a noise of 0.
    """
    differences = np.diff(values)
    middle = np.median(differences) if len(differences) else 0.0
    return float(1.4826 * np.median(np.abs(differences - middle)) / np.sqrt(2)) if len(differences) else 0.0


def change_points(points: Points) -> Ints:
    """The steps at which a new segment begins, in order; none in a series too short or too still to tell.

    Segments have at least three points, and each change point costs 2 sigma^2 ln T, sigma being `noise`. Raises InputFault
    if ruptures is not installed.
    """
    try:
        ruptures = importlib.import_module("ruptures")
    except ImportError:
        raise InputFault(MISSING) from None
    sigma, n = noise(points.value), len(points.value)
    if n < 2 * SMALLEST_SEGMENT or sigma == 0:
        return np.zeros(0, dtype=np.int64)
    search = ruptures.Pelt(model="l2", min_size=SMALLEST_SEGMENT, jump=1).fit(points.value)
    ends = search.predict(pen=2 * sigma**2 * log(n))
    return points.step[np.array(ends[:-1], dtype=np.int64)]
