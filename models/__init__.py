"""What events mean: the models of the domain (orders, carts, RFM, churn), not Faust's records.

Everything here is pure: no I/O, no clock, no randomness. Time is the event's, or a ``now`` argument.
"""
