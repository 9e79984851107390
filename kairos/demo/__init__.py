"""`kairos demo`: the whole of Kairos in one process, on a shop that is made up.

    kairos.simulate ──rows, ticks──> memory:// ──Faust worker──> a Redis of our own ──read model──> the view
                                                     └─────────outputs, as they are published────────┘

First 90 days are folded at once; then time runs on from there, 60 times as fast as yours.
"""
