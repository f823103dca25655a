"""How long a test waits for something before it calls it lost.

Long enough for a machine with much else to do, and shorter than the limit of a whole test in `pyproject.toml`: a wait
in vain says what it waited for.
"""

from __future__ import annotations

PATIENCE_S = 120
