"""The peers' programs. Each does the same work on the same records: `common.Fold`, which is Kairos' own models."""
