"""Orders: what a buyer ordered, kept and sent back.

order_events    reports, updates, refunds and cancellations -> the history; the feature `Orders`
history         a buyer's orders and what they add up to; order: one of them; older_orders: those beyond the newest
gaps            statistics of the days between orders; order_values: of their amounts
buying          statistics of purchase occasions for the churn model
discount_driven, refund_prone, second_order_due, unusual_order    the tags
"""
