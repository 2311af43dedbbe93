"""Headings in German, French, Spanish, Italian, Dutch, Portuguese and a few other languages.

They have no accents, as headings are compared without (`columns.plain`).
"""

FOREIGN: dict[str, tuple[str, ...]] = {
    "external_id": (
        *("kundennr", "kundennummer", "kundenid", "kundennumer", "mitgliedsnummer", "mitgliedsnr"),
        *("numeroclient", "noclient", "nclient", "numclient", "ncliente", "nrcliente"),
        *("numcliente",),
        *("codeclient", "idclient", "referenceclient"),
        *("idcliente", "numerocliente", "codigocliente", "codicecliente", "numerodecliente"),
        *("codigodecliente", "numerodocliente", "klantnummer", "klantnr", "klantid"),
    ),
    "first_name": (
        *("vorname", "rufname", "prenom", "prenoms", "nombredepila", "primernombre"),
        *("nomebattesimo", "voornaam", "roepnaam", "primeironome", "nomeproprio"),
        *("fornamn", "fornavn", "imie", "имя", "名"),
    ),
    "middle_name": ("zweitername", "deuxiemeprenom", "segundonombre", "secondonome", "nomedomeio"),
    "last_name": (
        *("nachname", "familienname", "zuname", "nomdefamille", "apellido", "apellidos"),
        *("cognome", "achternaam", "familienaam", "sobrenome", "apelido", "ultimonome"),
        *("efternamn", "efternavn", "etternavn", "nazwisko", "фамилия", "姓"),
    ),
    "full_name": (
        *("vollername", "vollstandigername", "ansprechpartner", "kontaktperson", "nomcomplet"),
        *("nometprenom", "cognomenome", "cognomeenome", "apellidosynombre", "namevorname"),
        *("nomprenom", "prenometnom", "apellidosnombre", "nachnamevorname", "apellidoynombre"),
        *("nombrecompleto", "nombreyapellidos"),
        *("nomecompleto", "nomecognome", "nomeecognome", "volledigenaam", "contactpersoon"),
        *("nomeesobrenome", "nomeapelido", "nev", "teljesnev"),
        *("fullstandigtnamn", "fuldenavn", "fulltnavn", "imieinazwisko", "фио", "お名前"),
        *("氏名", "名前", "姓名", "이름", "성명", "顧客名", "客户姓名"),
    ),
    "name": (
        *("firma", "firmenname", "unternehmen", "betrieb", "entreprise", "societe"),
        *("raisonsociale", "nomdelentreprise", "empresa", "nombredelaempresa", "razonsocial"),
        *("azienda", "ragionesociale", "societa", "bedrijf", "bedrijfsnaam", "organisatie"),
        *("nomedaempresa", "razaosocial", "organizacion", "organizacao", "organizzazione"),
    ),
    "is_organisation": ("kundenart", "kundentyp", "typeclient", "tipocliente", "tipodecliente"),
    "tax_id": (
        *("ustid", "ustidnr", "umsatzsteuerid", "steuernummer", "numerotva", "tva", "notva"),
        *("siret", "nif", "cif", "nifcif", "partitaiva", "piva", "codicefiscale", "btwnummer"),
        *("btwnr", "kvknummer", "nipc", "cnpj", "cpf", "contribuinte"),
    ),
    "email": (
        *(
            "emailadresse",
            "mailadresse",
            "epost",
            "eposta",
            "courriel",
            "adressemail",
            "adresseemail",
        ),
        *("adresseelectronique", "correoelectronico", "correo", "emailprincipal", "mailprivat"),
        *("postaelettronica", "indirizzoemail", "emailadres", "mailadres", "enderecodeemail"),
        *("correioeletronico", "emailprivat", "emailgeschaftlich", "adressecourriel"),
        *("epostadress", "epostadresse", "adresemail", "элпочта", "электроннаяпочта"),
        *("メールアトレス", "メール", "邮箱", "电子邮箱", "電子郵件", "이메일"),
    ),
    "phone": (
        *("telefon", "telefonnummer", "telefonnr", "rufnummer", "festnetz", "mobil", "handy"),
        *("mobiltelefon", "mobilnummer", "handynummer", "handynr", "telefonprivat"),
        *("telefongeschaftlich", "telefonmobil", "numerodetelephone", "telephoneportable"),
        *("telportable", "portable", "telmobile", "telephonefixe", "telfixe", "telephonemobile"),
        *("telefono", "numerodetelefono", "telefonofijo", "movil", "telefonomovil", "celular"),
        *("numerotelefono", "telefonocasa", "cellulare", "numerodicellulare", "telefonocellulare"),
        *("telefoonnummer", "telefoon", "mobiel", "mobielnummer", "gsm", "telemovel", "telefone"),
        *("numerodetelefone", "telefonefixo", "telefoonmobiel", "telefonomobile"),
        *("telefonnummermobil", "mobilnr", "telefonnrmobil", "numertelefonu"),
        *("telefonkomorkowy", "телефон", "мобильныителефон", "電話番号", "携帯電話", "手机"),
        *("手机号", "电话", "電話", "휴대폰", "전화번호", "휴대전화"),
    ),
    "street": (
        *("strasse", "strassehausnr", "strasseundhausnummer", "anschrift", "adresse", "strassenr"),
        *("strassehausnummer", "rue", "adresse1", "adresseligne1", "calle", "direccion"),
        *("domicilio", "via", "indirizzo", "indirizzo1", "straat", "adres", "straatenhuisnummer"),
        *("straatnaam", "rua", "morada", "endereco", "logradouro", "direccion1", "endereco1"),
        *("gatuadress", "gateadresse", "ulica", "улица", "адрес", "住所", "地址", "주소"),
    ),
    "sub_premise": (
        *("adresszusatz", "zusatz", "complementdadresse", "complementadresse", "adresse2"),
        *("adresseligne2", "piso", "direccion2", "interno", "indirizzo2", "toevoeging"),
        *("complemento", "andar", "endereco2", "huisnummertoevoeging"),
    ),
    "city": (
        *("ort", "plzort", "plzundort", "cpville", "codepostalville", "stadt", "wohnort"),
        *("ville", "commune", "localite", "ciudad", "localidad"),
        *("poblacion", "citta", "comune", "localita", "plaats", "woonplaats", "stad", "cidade"),
        *("localidade", "municipio"),
        *("postort", "poststed", "miasto", "город", "市区町村", "城市", "도시"),
    ),
    "state": (
        *("bundesland", "kanton", "departement", "provincia", "comunidadautonoma", "regione"),
        *("provincie", "distrito", "estado", "uf", "etat"),
    ),
    "postal_code": (
        *("plz", "postleitzahl", "codepostal", "cp", "codigopostal", "cap", "codicepostale"),
        *("codicepostaleavviamento", "cep", "codpostal"),
        *("postnummer", "postnr", "kodpocztowy", "индекс", "郵便番号", "邮编"),
        *("우편번호",),
    ),
    "country": ("land", "pays", "pais", "paese", "nazione"),
    "marketing_opt_in": (
        *("newsletterabonniert", "newsletterempfanger", "werbeeinwilligung"),
        *("werbung", "abonne", "abonnenewsletter", "infolettre"),
        *("consentementmarketing", "suscrito", "boletin", "aceptamarketing"),
        *("iscritto", "consensomarketing", "nieuwsbrief"),
        *("aangemeld", "inscrito", "aceitamarketing", "boletim"),
        *("nyhetsbrev", "nyhedsbrev"),
    ),
    "marketing_opt_out": (
        *("abgemeldet", "keinewerbung", "werbesperre", "desabonne", "desinscrit", "desinscription"),
        *("noenviar", "dadodebaja", "baja", "disiscritto", "cancellato", "afgemeld"),
        *("uitgeschreven",),
        *("descadastrado", "cancelado", "desinscrito", "stoppub"),
    ),
    "is_active": ("aktiv", "actif", "activo", "attivo", "actief", "ativo"),
    "status": ("kundenstatus", "statut", "estadocliente", "statocliente", "situacao"),
    "birthday": (
        *("geburtstag", "geburtsdatum", "gebdatum", "gebtag", "datedenaissance", "naissance"),
        *("anniversaire",),
        *("fechadenacimiento", "nacimiento", "cumpleanos", "datadinascita", "nascita"),
        *("compleanno", "geboortedatum", "verjaardag", "datadenascimento", "nascimento"),
        *("datanascimento", "aniversario", "datanascita", "fechanacimiento"),
        *("fodelsedag", "fodelsedatum", "fødselsdag", "fødselsdato", "dataurodzenia"),
        *("датарождения", "生年月日", "誕生日", "生日", "出生日期", "생년월일"),
        *("생일",),
    ),
    "tags": (
        *("schlagworte", "schlagwort", "etiketten", "kategorie", "kategorien", "kundengruppe"),
        *("etiquettes", "etiquette", "categorie", "etiquetas", "etiqueta", "categoria"),
        *("etichette", "etichetta", "gruppe", "categorias"),
    ),
    "note": (
        *("notiz", "notizen", "bemerkung", "bemerkungen", "anmerkung", "anmerkungen", "kommentar"),
        *("remarque", "remarques", "commentaire", "commentaires", "nota", "notas", "observaciones"),
        *("comentarios", "osservazioni", "commenti", "opmerking", "opmerkingen", "notities"),
        *("observacoes", "comentario", "observacao", "notitie"),
    ),
}

# If a file has one of these headings, a bare `Name`, `Nom`, `Nombre` or `Nome` is the other part of
# a person's name.
FIRST_NAMES = frozenset(
    {"vorname", "rufname", "prenom", "prenoms", "voornaam", "roepnaam", "primeironome"}
)
LAST_NAMES = frozenset(
    {"apellido", "apellidos", "cognome", "sobrenome", "apelido", "achternaam", "nachname"}
    | {"nomdefamille", "familienname"}
)
