"""FHIR R4 resources: bulk exports (NDJSON) and Bundles, such as mCODE's, as rows of forms."""
