"""Every write to a customer and to what hangs on one."""

from .addresses import (
    add_address,
    archive_address,
    change_address,
    restore_address,
    write_default_address,
)
from .archiving import archive_row, restore_row
from .customers import (
    archive_customer,
    create_customer,
    pause_customer,
    prepare_customer,
    restore_customer,
    resume_customer,
    update_customer,
)
from .locks import lock_customer, share_customer
from .many import Newcomer, create_customers
from .notes import write_note
from .users import add_user, archive_user, change_user, restore_user
from .zones import archive_zone, restore_zone, save_zone

__all__ = [
    "Newcomer",
    "add_address",
    "add_user",
    "archive_address",
    "archive_customer",
    "archive_row",
    "archive_user",
    "archive_zone",
    "change_address",
    "change_user",
    "create_customer",
    "create_customers",
    "lock_customer",
    "pause_customer",
    "prepare_customer",
    "restore_address",
    "restore_customer",
    "restore_row",
    "restore_user",
    "restore_zone",
    "resume_customer",
    "save_zone",
    "share_customer",
    "update_customer",
    "write_default_address",
    "write_note",
]
