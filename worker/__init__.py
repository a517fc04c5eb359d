"""The part that reads documents."""

import os

# Before numpy is imported, whose threads would take the cores from other slots' pages and spin while they wait.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
