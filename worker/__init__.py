"""The Celery worker and the pipeline that turns a picture into text."""

import os

# Before numpy is imported, whose threads would take the cores from other slots' pages and spin while they wait.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
