"""Tesseract's line recognizer, read from its model files and computed for many lines at once.

Tesseract reads one line after the other, which multiplies matrices by vectors; all lines of a page together multiply
matrices by matrices, which takes a third of the time. The network is the same and so are the characters it sees; what
is not done here is the search through dictionaries, so lines in doubt stay Tesseract's own.
"""
