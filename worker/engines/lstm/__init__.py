"""Tesseract's line recognizer, read from its model files and computed for several lines at once.

Tesseract reads a line at a time, which multiplies matrices by vectors; several lines together multiply matrices by
matrices. The network is the same and so are the characters it sees; what is not done here is the search through
dictionaries while a line is read, so lines in doubt stay Tesseract's own.
"""
