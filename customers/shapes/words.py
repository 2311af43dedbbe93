"""Descriptions of fields that several shapes of customers share."""

# Of people.
FIRST_NAME = "The given name. Of an organisation, that of the contact person."
LAST_NAME = "The family name. Of an organisation, that of the contact person."
EMAIL = "The e-mail address, as typed."
PHONE = "The phone number in E.164 where it can be read, `+442079460018`; else as typed."
PHONE_TYPED = "The phone number, as typed."
EXTERNAL_ID = "The customer's id in your own system."

STATUS = (
    "`active`: the customer is in use. `inactive`: staff paused the customer. `deactivated`: the "
    "customer is archived."
)
PREFERENCES = (
    "What the customer prefers: `preferred_contact` is text, `marketing_opt_in` is true or false, "
    "and any other key is free for your own use."
)

# Of organisations.
NAME = "The name of an organisation. A person has a first and a last name instead."
LEGAL_NAME = "The organisation's name as it is registered."
TAX_ID = "The number under which the customer pays tax (EIN, VAT number), as typed."

# Of addresses.
LABEL = "What the address is called, such as `Home`."
STREET = "The street and the house number."
SUB_PREMISE = "The flat, floor or unit within the building."
CITY = "The town or the city."
STATE = "The state, county or province, as typed."
POSTAL_CODE = "The postal code, as typed."
COUNTRY = "The name or the ISO 3166-1 code of the country, as typed."
ACCESS_NOTES = "How to get in, for staff who come to the address."

# For outputs without a value.
NULL = "Null if there is none."
BLANK = '"" if there is none.'


def of_default_address(words: str) -> str:
    """Return the description of a field of the default address."""
    return f"Of the default address: {words[0].lower()}{words[1:]}"
