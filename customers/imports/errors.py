from django.utils.translation import gettext_lazy as _

from config.errors import Conflict, Invalid


class UnreadableFile(Invalid, code="unreadable_file"):
    message = _("This file cannot be read.")
    advice = "Save it as XLSX, as CSV in UTF-8, or as one JSON object on each line."


class UnknownEncoding(UnreadableFile, code="unknown_encoding"):
    message = _("This file is not UTF-8.")
    advice = "Save the file as UTF-8, or name the encoding that it has."


class UnusableColumns(Invalid, code="unusable_columns"):
    message = _("The columns of this file do not make a customer.")
    advice = "Say which column holds what."


class InvalidRow(Invalid, code="invalid_row"):
    message = _("This row cannot be read.")
    advice = "Correct the row and feed it again."


class SameCustomer(Conflict, code="same_customer"):
    message = _("This is the same customer as in another line.")
    advice = "Make one row of the two, or give each an external_id."


class SeveralCustomers(Conflict, code="several_customers"):
    message = _("Several customers fit this row. Give it the external_id of the right one.")
    advice = "Give the row an external_id, or what tells these customers apart."


class ErasedPerson(Conflict, code="erased_person"):
    message = _(
        "Somebody with this e-mail address, phone, id, or name and birthday was erased. Take the "
        "row out of the file, or add the customer by hand if they are a customer again."
    )
    advice = "Take the row out of the file, or add the customer by hand."


class OtherPerson(Conflict, code="other_person"):
    message = _("Another customer has this id.")
    advice = "Correct the id of the row, or ask for customers to be overwritten."
    field = "external_id"
