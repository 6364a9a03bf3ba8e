"""What is missing in a network's records, and what to do about it: the most useful first. Names no person."""

from orgnet.guidance.steps import next_steps, replace_examples

__all__ = ["next_steps", "replace_examples"]
