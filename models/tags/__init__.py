"""Tags beside stage and segment: one rule a file, each pure. docs/tags.md lists them all."""
