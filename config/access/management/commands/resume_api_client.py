from config.access.actions import resume_api_client
from config.access.command_helpers import ClientVerb, Report
from config.access.models import ApiClient
from config.tenancy.actors import Actor


class Command(ClientVerb):
    help = "Let a suspended API client back in."

    def act(self, client: ApiClient, actor: Actor) -> Report:
        resume_api_client(client, actor=actor)
        text = f"API client “{client.name}” can authenticate again, with a new token."
        return {"client_id": client.client_id, "suspended": False}, text
