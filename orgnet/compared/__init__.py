"""Two published runs of one network side by side: what was restated, what is new, and what is defined otherwise."""
