"""An attack on a copy that is shared: what can be worked out from it, by somebody who has nothing but the copy.

It shares no code with the door that makes copies, so that a fault of the one is not a fault of the other.
"""
