"""Why an indicator says what it says, as one would tell it to the manager of a network."""

from orgnet.explain.choose import Asked, choose
from orgnet.explain.tell import tell

__all__ = ["Asked", "choose", "tell"]
