from django.utils.translation import gettext_lazy as _

from config.errors import Conflict, Invalid, Misuse


class InvalidWebhookUrl(Invalid, code="invalid_webhook_url"):
    message = _("Nothing can be sent to this address.")
    advice = (
        "Give an https address of a host that the internet can reach, without a user name, a "
        "password or a fragment in it."
    )

    def __init__(self, sentence: str = "") -> None:
        text = str(sentence or self.message)
        super().__init__(f"url: {text}", fields={"url": text})


class UnknownEventType(Invalid, code="unknown_event_type"):
    message = _("No event type has this name.")
    advice = (
        "The reference lists every event type under “Webhooks”. `customer.*` and `*.created` are "
        "wildcards; without `types` every event is sent."
    )


class TooManyWebhooks(Conflict, code="too_many_webhooks"):
    message = _("The company has as many webhooks as it can have. Archive one that is not used.")
    advice = "One webhook can receive every event type: let it hand them on to your systems."


class WebhookArchived(Conflict, code="webhook_archived"):
    message = _("This webhook is archived. Restore it first.")
    advice = "Restore the webhook. It gets a new secret, which is shown once."


class WebhookDisabled(Conflict, code="webhook_disabled"):
    message = _("This webhook is disabled. Enable it first.")
    advice = (
        "Read `disabled_because` and the last attempts, correct what they name, then enable "
        "the webhook."
    )


class WebhookAlreadyDisabled(Misuse, code="webhook_already_disabled"):
    message = _("This webhook is disabled already.")
    advice = "Treat the request as done."


class WebhookNotDisabled(Misuse, code="webhook_not_disabled"):
    message = _("This webhook is not disabled.")
    advice = "Treat the request as done: it receives events."


class NoSuchRange(Invalid, code="invalid_range"):
    message = _("The period ends before it begins. Send an end that is later, or no end.")
    field = "created_before"
    advice = "Send a `created_before` that is later than `created_after`, or leave it out."
