"""What was found, as Markdown and as a picture: each module writes one part of ``RESULTS.md`` from numbers alone."""
