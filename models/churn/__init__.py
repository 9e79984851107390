"""Churn: alerts for buyers who stay away."""
