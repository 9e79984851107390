"""The composition root: command line, settings and wiring; the only place that reads the environment."""
