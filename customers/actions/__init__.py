"""Every write to customers, to their related rows, and to service zones."""

from .adding import add_to_customer
from .addresses import (
    add_address,
    archive_address,
    change_address,
    restore_address,
    write_default_address,
)
from .contact_points import (
    Way,
    archive_contact_point,
    create_contact_point,
    restore_contact_point,
    update_contact_point,
)
from .customers import (
    archive_customer,
    create_customer,
    pause_customer,
    prepare_customer,
    restore_customer,
    resume_customer,
    update_customer,
)
from .duplicates import dismiss_duplicate, renew_duplicates, reopen_duplicate
from .erasures import cancel_erasure, erase_person, replay_erasure, request_erasure, restore_marks
from .handing_over import export_person
from .locks import lock_customer, share_customer
from .many import Newcomer, create_customers
from .many_changes import Correction, update_customers
from .merge_plans import MergePlan, plan_merge
from .merging import merge_customers
from .notes import write_note
from .unmerging import obstacle_to_undoing, undo_merge
from .upserting import (
    Upserted,
    Wanted,
    find_live_customer,
    lock_known,
    upsert_customer,
    upsert_customers,
)
from .users import add_user, archive_user, change_user, restore_user
from .zones import change_zone, create_zone
