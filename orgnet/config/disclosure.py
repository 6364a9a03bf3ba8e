"""How small numbers are protected in copies that are shared."""

from pydantic import Field, field_validator, model_validator

from orgnet.config.values import Strict


class Rule(Strict):
    """Which numbers of people are withheld, and how the others are rounded."""

    withhold_up_to: int = Field(ge=0, description="Values over 1 to so many people are withheld; 0 people is shown.")
    round_to: int = Field(default=1, ge=1, description="Other numbers of people are rounded to the nearest multiple.")

    @model_validator(mode="after")
    def _nobody_is_nobody(self) -> "Rule":
        if self.round_to > 2 * (self.withhold_up_to + 1):
            raise ValueError(
                f"round_to: found {self.round_to}, expected {2 * (self.withhold_up_to + 1)} at most with withhold_up_to "
                f"{self.withhold_up_to}: else {self.withhold_up_to + 1} people would be shown as nobody"
            )
        return self


class Disclosure(Strict):
    """Which profile `orgnet publish` protects a copy by, and profiles of the network's own."""

    profile: str = Field(default="nhsd_secondary_care", description="The one that is taken if none is asked for.")
    profiles: dict[str, Rule] = Field(default_factory=dict, description="Profiles of the network's own, by name.")

    @field_validator("profiles")
    @classmethod
    def _names_of_its_own(cls, profiles: dict[str, Rule]) -> dict[str, Rule]:
        taken = sorted(profiles.keys() & {"off_internal", "nhsd_secondary_care", "lt5"})
        if taken:
            raise ValueError(f"{', '.join(taken)}: a name that comes with orgnet; give it another")
        return profiles
