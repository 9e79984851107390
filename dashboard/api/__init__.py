"""The read API: the same answers as the pages', as JSON, for programs. docs/read-api.md describes it."""
