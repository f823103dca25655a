"""What an analyst hands on: annotated clips, stills and reports."""
