from typing import Any

from django.contrib.auth.backends import ModelBackend

from ..models import Staff
from .factors import with_duty


class StaffBackend(ModelBackend):
    """Django's backend, which also reads in one query whether the user needs a second factor."""

    def get_user(self, user_id: Any) -> Staff | None:
        staff = with_duty(Staff.objects.filter(pk=user_id)).first()
        return staff if staff and self.user_can_authenticate(staff) else None
