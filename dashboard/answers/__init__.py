"""What is told of a snapshot: one file a view, pure functions of what was read. Pages and API tell the same answers.

Times are event time in ms, money is in minor units of the shop's currency.
"""
