"""Charts of a footprint as pictures: SVG, PNG and HTML, drawn with matplotlib (extra `plot`)."""
