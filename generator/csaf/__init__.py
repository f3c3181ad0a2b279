"""Security bulletins for machines: CSAF 2.0 documents, the tree of a CSAF provider, signatures."""
