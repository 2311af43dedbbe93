"""What staff do to a webhook."""

from django.utils.translation import gettext_lazy

from config.admin.buttons import Button

from ..actions import (
    archive_endpoint,
    disable_endpoint,
    enable_endpoint,
    redeliver_range,
    rotate_secret,
    send_test_event,
)
from .asking import NewSecret, WhichAgain

BUTTONS = (
    Button(
        name="test",
        label=gettext_lazy("Send a test"),
        done=gettext_lazy("sent a test event"),
        asks=gettext_lazy(
            "An event of the type test.ping is sent, signed as all are. The next page shows "
            "what comes back."
        ),
        act=send_test_event,
        fits=lambda row: row.is_enabled,
        icon="send",
        many=False,
    ),
    Button(
        name="redeliver",
        label=gettext_lazy("Send again"),
        done=gettext_lazy("sent again"),
        asks=gettext_lazy(
            "The same messages are sent under the same ids, oldest first, 1,000 at once: a "
            "receiver that has one already knows it by its id."
        ),
        act=redeliver_range,
        fits=lambda row: row.is_enabled,
        icon="replay",
        many=False,
        form=WhichAgain,
    ),
    Button(
        name="rotate",
        label=gettext_lazy("New secret"),
        done=gettext_lazy("given a new secret"),
        asks=gettext_lazy(
            "You will see the new secret once. For a while messages are signed with both, so "
            "that nothing is lost while the receiver changes over."
        ),
        act=rotate_secret,
        fits=lambda row: not row.is_archived,
        icon="key",
        many=False,
        form=NewSecret,
    ),
    Button(
        name="disable",
        label=gettext_lazy("Disable"),
        done=gettext_lazy("disabled"),
        asks=gettext_lazy(
            "Nothing is sent until you enable it. What waits to be sent stays; what happens "
            "meanwhile is never sent, and stands in the feed of changes."
        ),
        act=disable_endpoint,
        fits=lambda row: row.is_enabled,
        icon="pause",
    ),
    Button(
        name="enable",
        label=gettext_lazy("Enable"),
        done=gettext_lazy("enabled"),
        asks=gettext_lazy(
            "What waits is sent, and so is what happens from now on. What happened while it "
            "was disabled is not."
        ),
        act=enable_endpoint,
        fits=lambda row: not row.is_archived and not row.is_enabled,
        icon="play_arrow",
    ),
    Button(
        name="archive",
        label=gettext_lazy("Archive"),
        done=gettext_lazy("archived"),
        asks=gettext_lazy(
            "Nothing is sent to this address any more, what waits is cancelled and the secret "
            "is wiped. This cannot be undone; the log of what was sent stays."
        ),
        act=archive_endpoint,
        fits=lambda row: not row.is_archived,
        icon="archive",
        danger=True,
    ),
)
