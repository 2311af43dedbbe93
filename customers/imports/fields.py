"""The fields that a file can fill, and the headings under which they usually stand.

Headings are compared by their letters and digits, without case: `First Name`, `first_name` and
`FirstName` are one. Where several columns fit a field, the earlier heading here has it.
"""

HEADINGS: dict[str, tuple[str, ...]] = {
    "regulars_id": ("regularsid",),
    "external_id": (
        *("externalid", "customerid", "customernumber", "customerno", "customercode"),
        *("customerref", "customerreference", "custid", "clientid", "clientnumber", "clientno"),
        *("clientcode", "contactid", "memberid", "membernumber", "membershipnumber", "accountid"),
        *("accountnumber", "accountno", "patientid", "guestid", "externalreference", "id"),
    ),
    "first_name": (
        *("firstname", "givenname", "forename", "firstnames", "fname", "first", "christianname"),
        *("contactfirstname", "customerfirstname", "clientfirstname"),
    ),
    "last_name": (
        *("lastname", "surname", "familyname", "lname", "last"),
        *("contactlastname", "customerlastname", "clientlastname", "contactsurname"),
    ),
    "full_name": (
        *("fullname", "contactname", "contactfullname", "contactperson", "contact", "personname"),
        *("primarycontact", "primarycontactname", "customerfullname", "clientfullname"),
    ),
    "name": (
        *("company", "companyname", "organisation", "organization", "organisationname"),
        *("organizationname", "business", "businessname", "accountname", "firm", "firmname"),
        *("tradingname", "customercompany", "organization1name"),
    ),
    "legal_name": ("legalname", "legalentityname", "legalentity", "registeredname"),
    "tax_id": (
        *("taxid", "ein", "taxnumber", "taxno", "taxidnumber", "vat", "vatid", "vatnumber"),
        *("vatno", "vatregistrationnumber", "tin", "abn", "gstnumber"),
    ),
    "email": (
        *("email", "emailaddress", "primaryemail", "email1", "email1value", "email1address"),
        *("contactemail", "customeremail", "clientemail", "mail"),
    ),
    "phone": (
        *("phone", "phonenumber", "telephone", "telephonenumber", "tel", "telno", "phoneno"),
        *("mobile", "mobilephone", "mobilenumber", "mobileno", "cell", "cellphone", "cellnumber"),
        *("primaryphone", "phone1", "phone1value", "contactphone", "contactnumber"),
        *("customerphone", "clientphone", "homephone", "businessphone", "workphone"),
    ),
    "street": (
        *("street", "streetaddress", "address", "address1", "addressline1", "addressline"),
        *("addressstreet", "addressstreetaddress", "street1", "streetaddress1", "line1"),
        *("addressaddress1", "address1street", "mailingstreet", "mailingaddress", "homestreet"),
        *("defaultaddressaddress1",),
    ),
    "sub_premise": (
        *("subpremise", "address2", "addressline2", "street2", "streetaddress2", "line2"),
        *("addresssubpremise", "addressaddress2", "addressstreet2", "unit", "unitnumber"),
        *("apartment", "apt", "flat", "suite", "floor", "defaultaddressaddress2"),
    ),
    "city": (
        *("city", "town", "towncity", "citytown", "locality", "addresscity", "addresstown"),
        *("addresslocality", "address1city", "mailingcity", "homecity", "defaultaddresscity"),
    ),
    "state": (
        *("state", "province", "region", "county", "stateprovince", "provincestate"),
        *("stateregion", "stateorprovince", "stateorcounty", "statecounty", "addressstate"),
        *("addressregion", "addressprovince", "addresscounty", "address1region", "mailingstate"),
        *("mailingstateprovince", "homestate", "defaultaddressprovincecode"),
    ),
    "postal_code": (
        *("postalcode", "postcode", "zip", "zipcode", "zippostalcode", "postalzipcode"),
        *("zippostcode", "postalcodezip", "addresspostalcode", "addresspostcode", "addresszip"),
        *("addresszipcode", "address1postalcode", "mailingpostalcode", "mailingzip"),
        *("mailingzippostalcode", "homepostalcode", "pincode", "eircode", "plz"),
        *("defaultaddresszip",),
    ),
    "country": (
        *("country", "countryname", "countryregion", "countryorregion", "countrycode"),
        *("addresscountry", "addresscountrycode", "address1country", "mailingcountry"),
        *("homecountryregion", "defaultaddresscountrycode"),
    ),
    "address_label": ("addresslabel", "addressname"),
    "access_notes": (
        *("accessnotes", "accessinstructions", "entrynotes", "entryinstructions"),
        *("addressaccessnotes", "deliveryinstructions"),
    ),
    "tags": ("tags",),
    "birthday": ("birthday",),
    "other_emails": ("otheremails",),
    "other_phones": ("otherphones",),
    "preferred_contact": (
        *("preferredcontact", "preferredcontactmethod", "contactpreference", "contactmethod"),
        *("preferredchannel",),
    ),
    "marketing_opt_in": (
        *("marketingoptin", "optin", "marketing", "marketingconsent", "emailoptin"),
        *("acceptsmarketing", "acceptsemailmarketing", "emailmarketing", "newsletter"),
        *("marketingemails", "emailmarketingconsent", "subscribed"),
    ),
    "preferences": ("preferences",),
    "is_active": ("isactive", "active"),
    "archived": ("archived", "isarchived"),
}

# Headings for a person or for an organisation: what else the file has decides (mapping.py).
EITHER_NAME = (
    *("name", "customername", "clientname", "displayname", "membername", "guestname"),
    *("patientname", "customer", "client"),
)

# A row needs one of these to be somebody, a file at least one column for them.
IDENTIFYING = frozenset(
    {"external_id", "first_name", "last_name", "full_name", "name", "legal_name", "email", "phone"}
)
ADDRESS = frozenset(
    {"street", "sub_premise", "city", "state", "postal_code", "country"}
    | {"address_label", "access_notes"}
)
