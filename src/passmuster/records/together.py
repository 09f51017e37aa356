"""Tables made together in one step of a migration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import CreateModel
from django.db.migrations.operations.base import Operation, OperationCategory
from django.db.migrations.state import ProjectState


class CreateModels(Operation):
    """`CreateModel` for each, which may refer to each other in any order.

    Django draws all related models anew for every model that comes; here it draws them once for all.
    """

    category: ClassVar[Any] = OperationCategory.ADDITION

    def __init__(self, each: Sequence[CreateModel]) -> None:
        self.each = each

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Add the models to the state, which draws them when somebody asks."""
        # Without what was drawn, nothing is drawn anew at each.
        state.__dict__.pop("apps", None)
        for operation in self.each:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Make the tables."""
        for operation in self.each:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Remove the tables."""
        for operation in reversed(self.each):
            operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """Which models."""
        return "Create models " + ", ".join(operation.name for operation in self.each)
