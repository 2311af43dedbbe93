"""Calls actions at random and compares them with a small model, using Hypothesis."""

from typing import Any, ClassVar

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from config.errors import Refusal
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for

STEPS_AT_ONCE = 50


class Machine(RuleBasedStateMachine):
    """Compares actions with a model: both must allow the same steps and reach the same state."""

    company: ClassVar[Company]

    def __init__(self) -> None:
        super().__init__()
        self.scope = transaction.atomic()
        self.scope.__enter__()
        self.within = acting_for(self.company.id)
        self.within.__enter__()
        self.actor = Actor.command(self.company)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.within.__exit__(None, None, None)
        self.scope.__exit__(None, None, None)

    def agree(self, expected: bool, act: Any, *rows: Any, **named: Any) -> list[Any]:
        """Call an action, which must be refused exactly when the model refuses the step.

        Returns a list with the action's result; the list is empty if the action was refused.
        """
        try:
            with transaction.atomic():
                done = act(*rows, **named, actor=self.actor)
        except Refusal:
            assert not expected, "the model allows what was refused"
            return []
        assert expected, "the model refuses what was done"
        return [done]


def run(machine: type[Machine], steps: int) -> None:
    """Run this many random steps; every run is rolled back."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=steps // STEPS_AT_ONCE,
            stateful_step_count=STEPS_AT_ONCE,
            deadline=None,
            database=None,
            print_blob=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
