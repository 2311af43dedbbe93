from django.utils.translation import gettext_lazy as _

from config.errors import Conflict, Invalid


class JobOver(Conflict, code="job_over"):
    message = _("This is over already.")
    advice = "Look at its result."


class FileGone(Conflict, code="file_gone"):
    message = _("This file has been removed. Make it again.")
    advice = "Files of background work are kept for some days. Start the work again."


class NotDoneYet(Conflict, code="not_done_yet"):
    message = _("This is not done yet. Ask again in a few seconds.")
    advice = "Read the object until its status is `done`, `failed` or `cancelled`."


class NoFile(Conflict, code="no_file"):
    message = _("There is no file: none was made, or the work failed or was cancelled.")
    advice = (
        "An import makes a file only of refused rows. Of an export that failed, read the message "
        "and start another."
    )


class TooManyJobs(Conflict, code="too_many_jobs"):
    message = _("Too many jobs of this kind are waiting. Start this one when some are done.")
    advice = "Wait until one of the waiting or running jobs is done, or cancel one."


class TooMuchStored(Conflict, code="too_much_stored"):
    message = _("The company's stored files have reached their limit.")
    advice = "Cancel imports that you do not need, or wait: files are removed after seven days."


class NotAllowedAnyMore(Invalid, code="not_allowed_any_more"):
    message = _("The person or client who started this job no longer has the right to run it.")
    advice = "Have it started again with a credential that has the right."
