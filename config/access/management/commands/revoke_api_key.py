from config.access.actions import revoke_api_key
from config.access.command_helpers import KeyVerb, Report
from config.access.models import ApiKey
from config.tenancy.actors import Actor


class Command(KeyVerb):
    help = "Refuse an API key from its next request on, for good."

    def act(self, key: ApiKey, actor: Actor) -> Report:
        revoke_api_key(key, actor=actor)
        return {"id": str(key.id), "revoked": True}, f"API key “{key}” is revoked."
