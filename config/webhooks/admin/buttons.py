"""The buttons of a webhook."""

from django.utils.translation import gettext_lazy

from config.admin.buttons import Button, archive_button

from .. import actions
from .forms import NewSecret, WhichAgain

BUTTONS = (
    Button(
        name="test",
        label=gettext_lazy("Send a test"),
        done=gettext_lazy("sent a test event"),
        confirm_text=gettext_lazy(
            "An event of the type test.ping is sent, signed as all are. The next page shows "
            "what comes back."
        ),
        act=actions.send_test_event,
        is_available=lambda row: row.is_enabled,
        icon="send",
        many=False,
    ),
    Button(
        name="redeliver",
        label=gettext_lazy("Send again"),
        done=gettext_lazy("sent again"),
        confirm_text=gettext_lazy(
            "The same messages are sent under the same ids, oldest first, 1,000 at once: a "
            "receiver that has one already knows it by its id."
        ),
        act=actions.redeliver_range,
        is_available=lambda row: row.is_enabled,
        icon="replay",
        many=False,
        form=WhichAgain,
    ),
    Button(
        name="rotate",
        label=gettext_lazy("New secret"),
        done=gettext_lazy("given a new secret"),
        confirm_text=gettext_lazy(
            "You will see the new secret once. For a while messages are signed with both, so "
            "that nothing is lost while the receiver changes over."
        ),
        act=actions.rotate_secret,
        is_available=lambda row: not row.is_archived,
        icon="key",
        many=False,
        form=NewSecret,
    ),
    Button(
        name="disable",
        label=gettext_lazy("Disable"),
        done=gettext_lazy("disabled"),
        confirm_text=gettext_lazy(
            "Nothing is sent until you enable it. What waits to be sent stays; what happens "
            "meanwhile is never sent, and stands in the feed of changes."
        ),
        act=actions.disable_endpoint,
        is_available=lambda row: row.is_enabled,
        icon="pause",
    ),
    Button(
        name="enable",
        label=gettext_lazy("Enable"),
        done=gettext_lazy("enabled"),
        confirm_text=gettext_lazy(
            "What waits is sent, and so is what happens from now on. What happened while it "
            "was disabled is not."
        ),
        act=actions.enable_endpoint,
        is_available=lambda row: not row.is_archived and not row.is_enabled,
        icon="play_arrow",
    ),
    archive_button(
        actions.archive_endpoint,
        gettext_lazy(
            "Nothing is sent to this address any more, what waits is cancelled and the secret "
            "is wiped. This cannot be undone; the log of what was sent stays."
        ),
        danger=True,
    ),
)
