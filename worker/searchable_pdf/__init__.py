"""The upload as a PDF that can be searched: its pictures or pages untouched, their text invisible in its place."""

from worker.searchable_pdf.document import write_searchable_pdf

__all__ = ["write_searchable_pdf"]
