"""What Kairos costs: CPU an event beside its peers, delays, bytes a shopper, recovery, many shoppers, waiting timers.

``python -m bench`` starts its own Kafka and Redis, fills the input topics once, runs each worker as a process of its
own, in turns, and reads what they cost from ``/proc``. What it found is in ``RESULTS.md``.
"""
