"""Churn: alerts for buyers who stay away, and the model of when the next order comes.

overdue         the alerts, by the usual gap
level           the shop's pooled numbers; covariates: the twelve of one buyer, beside them
posterior       the weights' distribution, and the sums of a day's labels by which it learns; prior: how it begins
rollout         the no-purchase path: risk within any horizon, and the expected next order
worth           the expected number of orders within 90 days and a year
hazard          the model as an estimator of River
"""
