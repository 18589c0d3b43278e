"""The sandbox: a small real shop over HTTP, for demos and tests, and the connector to it."""
