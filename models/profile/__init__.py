"""Profiles: their bytes (codec, upgrades), and what people see of them (describe, usual; public: for dashboards).

learners: the registry of what is learned of a shopper.
"""
