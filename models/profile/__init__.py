"""Profiles: their bytes (codec, upgrades), and what people see of them (describe; public: for dashboards)."""
