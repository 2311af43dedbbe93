"""Many boxes to tick, in groups."""

from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget


class GroupedBoxes(UnfoldAdminCheckboxSelectMultipleWidget):
    """Boxes to tick, in groups with a heading each; `hint` stands above them."""

    narrow = False

    def __init__(self, *args: Any, hint: Any = "", **kwargs: Any) -> None:
        self.hint = hint
        super().__init__(*args, **kwargs)

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        context = {
            **self.get_context(name, value, attrs),
            "narrow": self.narrow,
            "hint": self.hint,
            "chosen": len(value or ()),
        }
        return SafeString(render_to_string("admin/boxes.html", context))


class NarrowBoxes(GroupedBoxes):
    """Those of many short words, in columns, folded away until somebody looks for them."""

    narrow = True
