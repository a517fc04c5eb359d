"""What an upload is, told by its content alone, and whether its header allows it into the queue."""

from api.media.inspection import inspect_upload
from api.media.signatures import ACCEPTED, EXTENSIONS

__all__ = ["ACCEPTED", "EXTENSIONS", "inspect_upload"]
