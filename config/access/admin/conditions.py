"""Buttons that make a credential stricter: require If-Match, refuse likely duplicates."""

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
    Button(
        name="refuse_duplicates",
        label=gettext_lazy("Refuse likely duplicates"),
        done=gettext_lazy("refused likely duplicates"),
        asks=gettext_lazy("Refuse likely duplicates from %(name)s?"),
        says=gettext_lazy("%(name)s is now refused customers who are likely there already."),
        confirm_text=gettext_lazy(
            "A new customer who is likely one that is there already is refused (409 "
            "possible_duplicate), and the answer names the one that is there. The client can "
            "insist with the header Refuse-Duplicates: false."
        ),
        act=actions.refuse_duplicates,
        is_available=lambda row: not row.refuses_duplicates,
        icon="group_off",
    ),
    Button(
        name="allow_duplicates",
        label=gettext_lazy("Allow likely duplicates"),
        done=gettext_lazy("allowed likely duplicates"),
        asks=gettext_lazy("Allow likely duplicates from %(name)s?"),
        says=gettext_lazy("%(name)s may create customers who are likely there already."),
        confirm_text=gettext_lazy(
            "New customers are created whoever is there already. The list of likely duplicates "
            "shows what they may be the same as."
        ),
        act=actions.allow_duplicates,
        is_available=lambda row: row.refuses_duplicates,
        icon="group_add",
    ),
)
