"""The Celery worker and the pipeline that turns a picture into text."""

import os

# Both before what they are for is imported. numpy's threads would take the cores from other slots' pages and spin while
# they wait; ONNX Runtime would report to its maker, and write down an identity of this machine.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
