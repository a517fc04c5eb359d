"""One recognition, every format: a finished task's result as text, TSV, hOCR, ALTO or Markdown.

Stateless and without third-party code of its own, so that the API renders on demand. The searchable PDF needs the
upload's pictures and is made by the worker.
"""

from shared.render.document import FORMATS, Format, render

__all__ = ["FORMATS", "Format", "render"]
