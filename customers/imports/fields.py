"""The fields that a file can fill, and their usual headings.

Headings are compared by their letters and digits, without case and accents: `First Name`,
`first_name` and `FirstName` are equal. If several columns match a field with one value, the heading
that is listed first here wins. Headings in other languages are in `foreign_headings.py`;
`columns.py` builds those for several addresses, phone numbers and e-mail addresses.
"""

from .foreign_headings import FOREIGN

_ENGLISH: dict[str, tuple[str, ...]] = {
    "regulars_id": ("regularsid",),
    "own_id": ("regularscustomer",),
    "external_id": (
        *("externalid", "customerid", "customernumber", "customerno", "customercode"),
        *("customerref", "customerreference", "custid", "clientid", "clientnumber", "clientno"),
        *("clientcode", "contactid", "memberid", "membernumber", "membershipnumber", "patientid"),
        *("guestid", "personid", "recordid", "accountnumber", "accountno", "externalreference"),
        *("id", "uid", "referenceid"),
    ),
    "first_name": (
        *("firstname", "givenname", "namefirst", "forename", "firstnames", "fname", "first"),
        *("christianname",),
        *("contactfirstname", "customerfirstname", "clientfirstname", "billingfirstname"),
    ),
    "middle_name": ("middlename", "middle", "additionalname", "middlenames", "secondname"),
    "last_name": (
        *("lastname", "surname", "namelast", "familyname", "lname", "last"),
        *("contactlastname", "customerlastname", "clientlastname", "contactsurname"),
        *("billinglastname",),
    ),
    "name_ending": ("namesuffix", "suffix", "generation"),
    "full_name": (
        *("fullname", "lastnamefirstname", "lastfirst", "surnamefirstname", "contactname"),
        *("contactfullname", "contactperson", "contact", "personname"),
        *("primarycontact", "primarycontactname", "customerfullname", "clientfullname"),
    ),
    "name": (
        *("company", "companyname", "organisation", "organization", "organisationname"),
        *("organizationname", "business", "businessname", "accountname", "firm", "firmname"),
        *("tradingname", "customercompany", "organization1name", "associatedcompany"),
        *("primarycompany", "relatedcompany", "parentcompany", "employer", "billingcompany"),
        *("defaultaddresscompany", "shippingcompany"),
    ),
    "is_organisation": (
        *("iscompany", "isacompany", "isorganisation", "isorganization", "isbusiness"),
        *("customertype", "clienttype", "contacttype", "accounttype", "companytype", "persontype"),
    ),
    "legal_name": ("legalname", "legalentityname", "legalentity", "registeredname"),
    "tax_id": (
        *("taxid", "ein", "taxnumber", "taxno", "taxidnumber", "vat", "vatid", "vatnumber"),
        *("vatno", "vatregistrationnumber", "tin", "abn", "gstnumber"),
    ),
    "email": (
        *("email", "emailaddress", "primaryemail", "email1", "email1value", "email1address"),
        *("contactemail", "customeremail", "clientemail", "mail", "emailid", "mainemail"),
        *("useremail", "billingemail", "homeemail", "personalemail", "workemail"),
        *("businessemail", "emails", "emailaddresses", "secondaryemail", "alternateemail"),
        *("otheremail", "otheremails", "additionalemails", "secondaryemailaddress"),
        *("alternateemailaddress", "shippingemail"),
    ),
    "email_label": ("emaillabel", "emailtype"),
    "phone": (
        *("phone", "phonenumber", "telephone", "telephonenumber", "tel", "telno", "phoneno"),
        *(
            "mobile",
            "mobilecell",
            "mobilephone",
            "mobilenumber",
            "mobileno",
            "cell",
            "cellphone",
            "cellnumber",
        ),
        *("primaryphone", "phone1", "phone1value", "contactphone", "contactnumber"),
        *("customerphone", "clientphone", "homephone", "businessphone", "workphone"),
        *("mobilephonenumber", "cellphonenumber", "mainphone", "dayphone", "daytimephone"),
        *("eveningphone", "homephonenumber", "hometelephone", "homenumber", "worktelephone"),
        *("workphonenumber", "worknumber", "businessphonenumber", "officephone", "sms"),
        *("smsnumber", "smsphone", "whatsapp", "whatsappnumber", "billingphone", "phones"),
        *("phonenumbers", "otherphone", "otherphones", "secondaryphone", "alternatephone"),
        *("alternativephone", "additionalphones", "defaultaddressphone", "companyphone"),
        *("companymainphone", "carphone", "directphone", "directdial", "ddinumber", "landline"),
        "shippingphone",
    ),
    "phone_label": ("phonelabel", "phonetype"),
    "street": (
        *("street", "streetaddress", "address", "address1", "addressline1", "addressline"),
        *("street1", "streetaddress1", "line1", "fulladdress", "addressformatted"),
        *("formattedaddress", "postaladdress"),
    ),
    "sub_premise": (
        *("subpremise", "address2", "addressline2", "street2", "streetaddress2", "line2"),
        *("unit", "unitnumber", "apartment", "apt", "flat", "suite", "floor", "aptsuite"),
        *("apartmentsuite", "extendedaddress", "suburb", "address3", "addressline3"),
        *("street3", "line3", "address4", "addressline4", "line4"),
    ),
    "city": (
        "city",
        "town",
        "posttown",
        "towncity",
        "citytown",
        "locality",
        "cityname",
        "citystatezip",
    ),
    "state": (
        *("state", "province", "region", "county", "stateprovince", "provincestate"),
        *(
            "stateregion",
            "stateorprovince",
            "stateorcounty",
            "statecounty",
            "countystate",
            "provincecode",
        ),
        *("statecode", "statename", "stateid"),
    ),
    "postal_code": (
        *("postalcode", "postcode", "zip", "zipcode", "zippostalcode", "postalzipcode"),
        *("zippostal", "zippostcode", "postalcodezip", "pincode", "eircode"),
    ),
    "country": (
        *("country", "countryname", "countryregion", "countryorregion", "countrycode"),
        *("countryid",),
    ),
    "address_label": ("addresslabel", "addressname", "addresstype"),
    "access_notes": (
        *("accessnotes", "accessinstructions", "entrynotes", "entryinstructions"),
        *("addressaccessnotes", "deliveryinstructions"),
    ),
    "preferred_contact": (
        *("preferredcontact", "preferredcontactmethod", "contactpreference", "contactmethod"),
        *("preferredchannel",),
    ),
    "marketing_opt_in": (
        *("marketingoptin", "optin", "marketing", "marketingconsent", "emailoptin"),
        *("acceptsmarketing", "acceptsemailmarketing", "marketingemail", "emailmarketing"),
        *("newsletter",),
        *("marketingemails", "emailmarketingconsent", "subscribed", "emailsubscriptionstatus"),
        *("emailstatus", "marketingstatus", "emailconsent", "optinstatus"),
        *("emailmarketingstatus", "newslettersubscription", "emailoptinstatus"),
        *("emailsubscriberstatus", "emailsubscribed", "issubscribed", "optedin", "mailinglist"),
        *("marketingpermission", "marketingpermissions"),
        *("receivemarketing", "receivesmarketing", "emailnewsletter"),
        *("emailpreference", "marketingpreference", "agreestomarketing", "marketingallowed"),
    ),
    "marketing_opt_out": (
        *("unsubscribed", "optout", "optedout", "emailoptout", "emailoptedout", "donotemail"),
        *("donotcontact", "hasoptedoutofemail", "emailblacklisted", "blacklisted", "nomarketing"),
        *("unsubscribedfromallemail", "marketingoptout", "donotmarket", "nonewsletter", "dnc"),
        *("suppressed", "unsubscribedat", "unsubscribedate", "unsubscribetime", "unsubtime"),
        *("unsubscribedon", "unsubscribeddate", "optouttime", "optoutdate", "optedoutat"),
        *("unsubscribe", "emailunsubscribed", "globalunsubscribe", "donotmail"),
        *("donotsendemail", "emailsuppressed", "optedoutofemail", "hasoptedout"),
    ),
    "sms_opt_in": (
        *("acceptssmsmarketing", "smsoptin", "smsconsent", "smsmarketing", "textoptin"),
        *("marketingsms", "marketingtext", "textmarketing"),
        *("smssubscriptionstatus", "smsmarketingconsent", "smssubscribed", "smsstatus"),
    ),
    "sms_opt_out": (
        *("smsoptout", "smsblacklisted", "donotsms", "donottext", "textoptout", "smsunsubscribed"),
        *("hasoptedoutofsms", "smsoptedout"),
    ),
    "phone_opt_out": ("donotcall", "donotphone", "calloptout", "phoneoptout"),
    "preferences": ("preferences",),
    "is_active": ("isactive", "active"),
    "status": (
        *("status", "customerstatus", "clientstatus", "memberstatus", "membershipstatus"),
        *("contactstatus", "accountstatus", "subscriptionstatus", "subscriberstatus"),
    ),
    "archived": ("archived", "isarchived"),
    "birthday": (
        *("birthday", "birthdate", "dateofbirth", "dob", "bday", "birthdaydate"),
        *("datebirth", "customerbirthday"),
    ),
    "birthday_day_first": (
        *("birthdayddmmyyyy", "birthdateddmmyyyy", "dateofbirthddmmyyyy", "dobddmmyyyy"),
        *("birthdayddmm", "dobddmm"),
    ),
    "birthday_month_first": (
        *("birthdaymmddyyyy", "birthdatemmddyyyy", "dateofbirthmmddyyyy", "dobmmddyyyy"),
        *("birthdaymmdd", "dobmmdd"),
    ),
    "tags": (
        *("tags", "tag", "labels", "categories", "category", "groupmembership"),
        *("customergroup", "customergroups", "groups", "segments", "customertags"),
    ),
    "note": (
        *("notes", "note", "memo", "comments", "comment", "remarks", "customernote"),
        *("customernotes", "clientnotes", "description", "internalnotes"),
    ),
}

HEADINGS: dict[str, tuple[str, ...]] = {
    field: (*headings, *FOREIGN.get(field, ())) for field, headings in _ENGLISH.items()
}

# Headings for a person or an organisation; the other columns of the file decide (mapping.py).
EITHER_NAME = (
    *("name", "customername", "clientname", "displayname", "membername", "guestname"),
    *("patientname", "studentname", "attendeename", "participantname", "leadname"),
    *("customer", "client", "nom", "nombre", "nome", "naam", "kunde", "cliente"),
)

# A row needs one of these fields, and a file a column for at least one.
IDENTIFYING = frozenset(
    {"external_id", "first_name", "last_name", "full_name", "name", "legal_name", "email", "phone"}
)
ADDRESS = frozenset(
    {"street", "sub_premise", "city", "state", "postal_code", "country"}
    | {"address_label", "access_notes"}
)
# Fields that several columns may fill; the first filled column has the main value.
MANY = frozenset(
    {"name", "email", "phone", "email_label", "phone_label", "tags", "note", "status"}
    | {"marketing_opt_in", "marketing_opt_out", "sms_opt_in", "sms_opt_out", "phone_opt_out"}
    | {"is_active", "is_organisation"}
    | ADDRESS
)
