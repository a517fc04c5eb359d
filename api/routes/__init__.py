"""Thin handlers: parse, call, answer; failures are raised and become answers in `api.errors`."""
