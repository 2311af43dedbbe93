from config.access.actions import suspend_api_client
from config.access.command_helpers import ClientVerb, Report
from config.access.models import ApiClient
from config.tenancy.actors import Actor


class Command(ClientVerb):
    help = "Refuse an API client from its next request on, with tokens that it has already."

    def act(self, client: ApiClient, actor: Actor) -> Report:
        suspend_api_client(client, actor=actor)
        text = f"API client “{client.name}” is suspended: its tokens are refused from now on."
        return {"client_id": client.client_id, "suspended": True}, text
