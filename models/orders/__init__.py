"""Orders: what a buyer ordered, kept and sent back.

order_events    reports, updates, refunds and cancellations -> the history; the feature `Orders`
history         a buyer's orders and what they add up to; order: one of them; older_orders: those beyond the newest
gaps            statistics of the days between orders; order_values: of their amounts
discount_driven, refund_prone, second_order_due, unusual_order    the tags
discount_share    how far a buyer depends on discounts, for people
"""
