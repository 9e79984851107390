"""What the churn model costs: time and instructions by what happens, and bytes of Redis a shopper.

the simulator's shop ──the engine in memory──▶ recording ──▶ operations ──▶ timing (µs, instructions)
a shop's history     ──the engine──▶ a real Redis ──▶ footprints (bytes)

A part of ``make bench``: ``--only churn``.
"""
