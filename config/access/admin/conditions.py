"""What a client or a key has to say of what it changes."""

from django.utils.translation import gettext_lazy as _

from config.admin.buttons import Button

from ..actions import require_match, waive_match

CONDITIONS = (
    Button(
        name="require_match",
        label=_("Only what it has seen"),
        done=_("held to what it has seen"),
        asks=_(
            "From its next request on, every change has to name the version that was seen "
            "(If-Match), so that it overwrites nothing that another has changed meanwhile. A "
            "change without is refused; making something new is not."
        ),
        act=lambda row, actor: require_match(row),
        fits=lambda row: not row.requires_match,
        icon="fact_check",
    ),
    Button(
        name="waive_match",
        label=_("Without what it has seen"),
        done=_("let change without what it has seen"),
        asks=_("Changes need not name the version that was seen (If-Match) any more."),
        act=lambda row, actor: waive_match(row),
        fits=lambda row: row.requires_match,
        icon="edit",
    ),
)
