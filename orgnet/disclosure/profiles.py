"""The profiles by which a copy is protected: up to which number of people a value is withheld, and to what it is rounded."""

from collections.abc import Mapping

from pydantic import Field

from orgnet.config.disclosure import Rule
from orgnet.errors import InputFault, nearest

DEFAULT = "nhsd_secondary_care"


class Profile(Rule):
    """A rule with its name and, of those that come with orgnet, its source."""

    name: str
    source: str = Field(default="this network's configuration")

    @property
    def exact(self) -> bool:
        """Whether numbers are shown as they are: then one taken from another may give a third away."""
        return self.round_to == 1

    @property
    def protects(self) -> bool:
        """Whether anything is withheld at all."""
        return self.withhold_up_to > 0


PROFILES = {
    profile.name: profile
    for profile in (
        Profile(
            name="off_internal",
            withhold_up_to=0,
            round_to=1,
            source="for the controller's own secure use: nothing is withheld",
        ),
        Profile(
            name=DEFAULT,
            withhold_up_to=7,
            round_to=5,
            source="NHS Digital, hospital and emergency care data, method since September 2018",
        ),
        Profile(name="lt5", withhold_up_to=4, round_to=1, source="numbers below five withheld, others as they are"),
    )
}


def find_profile(name: str | None, stated: Mapping[str, object]) -> Profile:
    """A profile by name: one of those that come with orgnet, or one that the network's configuration states.

    `stated` is the part `disclosure` of the configuration, as the manifest has it. Raises InputFault if there is none of
    that name.
    """
    wanted = name or stated.get("profile") or DEFAULT
    own = stated.get("profiles")
    known = dict(PROFILES)
    for each, rule in (own if isinstance(own, Mapping) else {}).items():
        known[each] = Profile(name=each, **rule)
    if wanted not in known:
        raise InputFault(f"there is no disclosure profile {str(wanted)!r}{nearest(str(wanted), sorted(known))}")
    return known[str(wanted)]
