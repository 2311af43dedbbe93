"""The buttons of a webhook."""

from django.utils.translation import gettext_lazy

from config.admin.buttons import Button, archive_button, restore_button

from .. import actions
from .forms import NewSecret, WhichAgain

BUTTONS = (
    Button(
        name="test",
        label=gettext_lazy("Send a test"),
        done=gettext_lazy("sent a test event"),
        asks=gettext_lazy("Send a test event to %(name)s?"),
        says=gettext_lazy("Test event sent to %(name)s."),
        confirm_text=gettext_lazy(
            "A signed test.ping event is sent. The next page shows the response."
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
        asks=gettext_lazy("Send messages to %(name)s again?"),
        says=gettext_lazy("The messages are sent again."),
        confirm_text=gettext_lazy(
            "The same messages are sent with the same ids, oldest first, up to 1,000 "
            "at once. The receiver recognizes duplicates by their ids."
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
        asks=gettext_lazy("Give %(name)s a new secret?"),
        says=gettext_lazy("%(name)s has a new secret."),
        confirm_text=gettext_lazy(
            "The new secret is shown once. For some hours messages are signed with "
            "both secrets, so that the receiver can switch."
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
        asks=gettext_lazy("Disable %(name)s?"),
        says=gettext_lazy("%(name)s disabled."),
        confirm_text=gettext_lazy(
            "Nothing is sent until you enable it. Waiting messages stay. Events that "
            "happen meanwhile are never sent, but are in the feed of changes."
        ),
        act=actions.disable_endpoint,
        is_available=lambda row: row.is_enabled,
        icon="pause",
    ),
    Button(
        name="enable",
        label=gettext_lazy("Enable"),
        done=gettext_lazy("enabled"),
        asks=gettext_lazy("Enable %(name)s?"),
        says=gettext_lazy("%(name)s enabled."),
        confirm_text=gettext_lazy(
            "Waiting messages and new events are sent. Events that happened while it "
            "was disabled are not."
        ),
        act=actions.enable_endpoint,
        is_available=lambda row: not row.is_archived and not row.is_enabled,
        icon="play_arrow",
    ),
    archive_button(
        actions.archive_endpoint,
        gettext_lazy(
            "Nothing more is sent to this address, waiting messages are cancelled and "
            "the secret is deleted. The log stays. If you restore it, it gets a new secret."
        ),
        danger=True,
    ),
    restore_button(
        actions.restore_endpoint,
        gettext_lazy(
            "Events that happen from now on are sent again. It gets a new secret, which is shown "
            "once. If it was disabled, it stays so until you enable it."
        ),
        many=False,
    ),
)
