"""Simulated rates beside real ones.

real data ──real──┐
                  ├─> hits, purchases ──measure──> rates ──page──> docs/simulator.md
the shop ──rows───┘

Both sides become the same two tables, and one code measures them.
"""
