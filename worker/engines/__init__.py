"""Recognition engines behind one protocol; each module alone knows its library."""
