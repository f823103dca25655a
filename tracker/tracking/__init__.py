"""Following a target: the online loop, its models, and runs over a clip."""

import os

# torch's worker threads (GNU OpenMP on Linux) spin for milliseconds while they wait for one another. Beside a window, a
# decoder or any other busy program that starves the very thread they wait for: with another program on each
# of two cores, tracking ran at 2.1 frames a second, and at 5.1 with this. OpenMP reads it when torch loads it, so it
# has to be said before; whoever has set it already is left alone.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")
