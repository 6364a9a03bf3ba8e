"""What is missing in a network's records, and what to do about it: the most useful first. Names no person."""

from orgnet.guidance.steps import first_steps, next_steps

__all__ = ["first_steps", "next_steps"]
