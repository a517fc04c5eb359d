"""The OpenAPI document against the running service: whatever is asked, the answer is one that it promises."""

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from tests.faults.campaign import Campaign
from tests.faults.leftovers import find_tasks

_CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]


@pytest.mark.parametrize("examples", [10, pytest.param(100, marks=pytest.mark.long)])
def test_answers_fit_their_schema(campaign: Campaign, seed: int, examples: int) -> None:
    # Given
    schema = schemathesis.openapi.from_url(f"{campaign.service.url}/openapi.json")
    others = find_tasks(campaign.service)
    known = campaign.submitted()
    campaign.wait_for(known, "succeeded")
    # When / Then
    for found in schema.get_all_operations():
        _probe(campaign, found.ok(), known, seed, examples)
    campaign.expected |= dict.fromkeys(find_tasks(campaign.service) - others)
    campaign.settle()


def _probe(campaign: Campaign, operation: schemathesis.APIOperation, known: str, seed: int, examples: int) -> None:
    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(), is_known=st.booleans())
    def ask(case: schemathesis.Case, is_known: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
        if is_known and operation.method.upper() != "DELETE" and "task_id" in (case.path_parameters or {}):
            case.path_parameters["task_id"] = known
        answer = case.call(timeout=30)
        campaign.fault("made-up request")
        case.validate_response(answer, checks=_CHECKS)

    ask()
