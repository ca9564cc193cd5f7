"""FHIR R4B, read-only: what is common to all resources. Each app maps its own records."""
