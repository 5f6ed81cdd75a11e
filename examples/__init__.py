"""A small lake to start from: `policies/`, `landing/`, and the generator of the invented tenants in it."""
