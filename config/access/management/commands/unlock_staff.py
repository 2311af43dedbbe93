from config.access.command_helpers import Report, StaffVerb
from config.access.models import Staff
from config.access.signing_in.actions import unlock_staff
from config.tenancy.actors import Actor


class Command(StaffVerb):
    help = "Let a staff member try again at once who missed the password too often."

    def act(self, staff: Staff, actor: Actor) -> Report:
        unlock_staff(staff, actor=actor)
        return {"email": staff.email, "locked_out": False}, f"{staff.email} may try again now."
