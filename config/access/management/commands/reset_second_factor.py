from config.access.command_helpers import Report, StaffVerb
from config.access.models import Staff
from config.access.signing_in.actions import reset_second_factor
from config.tenancy.actors import Actor


class Command(StaffVerb):
    help = "Take away a second factor that was lost, so that the password alone lets in."

    def act(self, staff: Staff, actor: Actor) -> Report:
        reset_second_factor(staff, actor=actor)
        text = f"{staff.email} has no second factor now, and is signed out everywhere."
        return {"email": staff.email, "has_second_factor": False}, text
