"""Who sends a request: one indexed statement, no cache, so that revocation is immediate.

The statement that looks a credential up also sets the company for the rest of the transaction, and
whose doing it is.
"""

from typing import Any
from urllib.parse import unquote

from django.db import connection
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from config.access.actions import KEY_MARK
from config.access.actors import Actor
from config.access.hashers import digest
from config.changes.context import LONGEST_REASON

from .problems import Refused

_SEEN = """, set_config('regulars.company', company.id::text, true),
       set_config('regulars.actor', jsonb_build_object(
           'kind', %(kind)s::text, 'name', {who}.name, 'credential', {who}.id)::text, true),
       set_config('regulars.request', %(request)s, true),
       set_config('regulars.reason', %(reason)s, true)"""

# What a token may do is what it was granted and its client still may.
_BY_TOKEN = f"""
SELECT company.id, company.country, client.id, client.name, client.scopes, token.scope,
       client.last_used_at IS NULL OR client.last_used_at < now() - interval '1 minute'
       {_SEEN.format(who="client")}
  FROM oauth2_provider_accesstoken token
  JOIN access_apiclient client ON client.id = token.application_id
  JOIN access_company company ON company.id = client.company_id
 WHERE token.token_checksum = %(digest)s AND token.expires > now()
   AND client.suspended_at IS NULL AND company.archived_at IS NULL
"""
_BY_KEY = f"""
SELECT company.id, company.country, key.id, key.name, key.scopes, NULL,
       key.last_used_at IS NULL OR key.last_used_at < now() - interval '1 minute'
       {_SEEN.format(who="key")}
  FROM access_apikey key
  JOIN access_company company ON company.id = key.company_id
 WHERE key.digest = %(digest)s AND key.revoked_at IS NULL
   AND (key.expires_at IS NULL OR key.expires_at > now()) AND company.archived_at IS NULL
"""
_USED = """
UPDATE {table} SET last_used_at = now()
 WHERE id = %s AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
"""
_NOTE_USE = {
    "key": _USED.format(table="access_apikey"),
    "client": _USED.format(table="access_apiclient"),
}


def refused() -> Refused:
    """The one answer to every credential that does not open: it never says why."""
    return Refused(
        401,
        "not_authenticated",
        "Send a valid access token or API key.",
        headers={"WWW-Authenticate": "Bearer"},
    )


def presented(request: Any) -> str:
    """Return the credential that a request carries; raises the 401 for none or two."""
    scheme, _, bearer = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    key = request.META.get("HTTP_X_API_KEY", "").strip()
    bearer = bearer.strip() if scheme.lower() == "bearer" else ""
    if bool(key) == bool(bearer):
        raise refused()
    return key or bearer


def reason_of(request: Any) -> str | None:
    """Return the reason that a request gives for what it changes, None for one that is no text.

    Letters beyond ASCII come percent-encoded, as in `caf%C3%A9`: of a header with any other byte
    nothing is left when it reaches us, so an empty one is no reason either.
    """
    header = request.META.get("HTTP_X_REASON")
    if header is None:
        return ""
    try:
        reason = unquote(header.encode("latin-1").decode(), errors="strict").strip()
    except UnicodeError:
        return None
    return reason if 0 < len(reason) <= LONGEST_REASON and reason.isprintable() else None


class Credential(BaseAuthentication):
    """Recognises access tokens and API keys, and makes their company the active one."""

    def authenticate(self, request: Request) -> tuple[Actor, bool]:
        """Return who acts, and whether its use is to be noted."""
        credential = presented(request)
        is_key = credential.startswith(KEY_MARK)
        kind = "key" if is_key else "client"
        told = {
            "digest": digest(credential),
            "kind": kind,
            "request": getattr(request, "id", ""),
            "reason": reason_of(request) or "",
        }
        with connection.cursor() as cursor:
            cursor.execute(_BY_KEY if is_key else _BY_TOKEN, told)
            found = cursor.fetchone()
        if found is None:
            raise refused()
        company, country, credential_id, name, scopes, granted, stale, *_ = found
        scopes = frozenset(scopes)
        if granted is not None:
            scopes &= frozenset(granted.split())
        return Actor(kind, name, company, country, credential_id, scopes), stale

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def note_use(actor: Actor) -> None:
    """Write when a credential was last used, once a minute, outside the request's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTE_USE[actor.kind], [actor.credential_id])
