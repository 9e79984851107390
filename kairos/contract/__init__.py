"""The data contract as documents for machines: JSON Schemas and an AsyncAPI document, generated from the types."""
