from django.db import transaction

from config.statements.inserting import insert
from config.tenancy.actors import Actor

from ..errors import EmptyNote
from ..models import Note
from .locks import lock_customer


@transaction.atomic
def write_note(note: Note, *, actor: Actor) -> Note:
    """Write a note about a customer in the actor's name; raises CustomerArchived or EmptyNote."""
    lock_customer(note.customer, actor=actor)
    insert(prepare_note(note, actor=actor))
    return note


def prepare_note(note: Note, *, actor: Actor) -> Note:
    """Trim a new note and name its author; raises EmptyNote."""
    note.company_id = actor.company_id
    note.content = note.content.strip()
    if not note.content:
        raise EmptyNote
    note.author_id = actor.credential_id if actor.kind == "staff" else None
    note.author_name = actor.name
    return note
