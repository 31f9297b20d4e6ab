//! Elasticsearch's side by a stub.
