"""What the API and the workers must agree on: errors, schemas, settings, storage, jobs and queue."""
