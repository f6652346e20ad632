"""When Python looks for garbage: rarely, in processes that serve."""

import gc

# How many new objects before the young are looked through, and how many such rounds before the older, and all.
THRESHOLDS = (20_000, 20, 100)


def rarely() -> None:
    """Leave what has been loaded alone, and look through everything only now and then: with hundreds of open pages a whole
    collection stops the one event loop for hundreds of milliseconds, in the midst of a nudge."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
