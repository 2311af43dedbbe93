from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget


class GroupedBoxes(UnfoldAdminCheckboxSelectMultipleWidget):
    """Checkboxes in groups, each with a heading.

    With a `hint`, which says what ticking none means, they are collapsed and shown in columns.
    """

    def __init__(self, *args: Any, hint: Any = "", **kwargs: Any) -> None:
        self.hint = hint
        super().__init__(*args, **kwargs)

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        context = self.get_context(name, value, attrs)
        context |= {"hint": self.hint, "chosen": len(value or ())}
        return SafeString(render_to_string("admin/boxes.html", context))
