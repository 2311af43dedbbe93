from django.utils.translation import gettext_lazy as _

from config.errors import Conflict, Invalid


class JobOver(Conflict, code="job_over"):
    message = _("This is over already.")
    advice = "Look at its result."


class FileGone(Conflict, code="file_gone"):
    message = _("This file has been removed. Make it again.")
    advice = "Files of background work are kept for some days. Start the work again."


class NotAllowedAnyMore(Invalid, code="not_allowed_any_more"):
    message = _("Whoever started this may no longer do it. Ask somebody who may to start it.")
    advice = "Ask somebody who may do this to start it."
