"""The buttons that require If-Match with every change, or stop requiring it."""

from django.utils.translation import gettext_lazy

from config.admin.buttons import Button

from .. import actions

CONDITIONS = (
    Button(
        name="require_match",
        label=gettext_lazy("Require If-Match"),
        done=gettext_lazy("made to send If-Match"),
        asks=gettext_lazy("Require If-Match from %(name)s?"),
        says=gettext_lazy("%(name)s must now send If-Match with every change."),
        confirm_text=gettext_lazy(
            "Every change must name the version that it is based on (the header If-Match), so that "
            "it cannot overwrite a newer change. Changes without the header are refused."
        ),
        act=actions.require_match,
        is_available=lambda row: not row.requires_match,
        icon="fact_check",
    ),
    Button(
        name="waive_match",
        label=gettext_lazy("Stop requiring If-Match"),
        done=gettext_lazy("let off sending If-Match"),
        asks=gettext_lazy("Stop requiring If-Match from %(name)s?"),
        says=gettext_lazy("%(name)s may now send changes without If-Match."),
        confirm_text=gettext_lazy(
            "Changes no longer have to name the version that they are based on."
        ),
        act=actions.waive_match,
        is_available=lambda row: row.requires_match,
        icon="edit",
    ),
)
