"""The version of the service, as its packages and its API name it."""

VERSION = "0.1.0"
