from .nation import Nation

NETHERLANDS = Nation(
    code="NL",
    typed=("Nederland", "Nederland", "Netherlands", "NL"),
    first="""
        Adam Amber Amira Anna Anne Anouk Arjan Bart Bas Benjamin Bente Bo Boaz Bram Britt Carlijn
        Casper Charlotte Chris Daan Daniël David Demi Dewi Dirk Eline Elin Elise Emma Esmée Eva Evi
        Femke Fenna Fien Fleur Floor Floris Frank Geert Gijs Gerrit Hanna Hannah Hendrik Hugo
        Ibrahim Ilse Ingrid Iris Isa Ivo Jaap Jan Janneke Jasmijn Jasper Jelle Jeroen Jesse Jet Jip
        Johan Joost Jop Joris Julia Juliette Jurre Karin Kees Kim Koen Lars Laura Lauren Lieke Lisa
        Liv Lizzy Loïs Lotte Luuk Maarten Marieke Marijke Mark Marloes Maud Max Mees Meike Merel
        Mila Milan Mohamed Myrthe Nathan Niels Nienke Nina Noa Noor Noud Olaf Olivia Pepijn Peter
        Pieter Pim Quinten Rens Roos Rosalie Ruben Ruud Saar Sam Samira Sander Sanne Sara Sem Sjoerd
        Sofie Stijn Suze Sven Tess Teun Thijs Thomas Tijn Tim Tygo Valerie Vera Wendy Willem Wouter
        Yara Yasmin Youssef Zoë
    """,
    last="""
        van_den_Berg Bakker van_Beek van_den_Bosch Boer de_Boer Bos Bosman Bosch Brouwer de_Bruijn
        de_Bruin Dekker van_Dijk van_Doorn Driessen van_Dam Evers Gerritsen de_Graaf de_Groot
        Hendriks van_der_Heijden Hermans van_den_Heuvel Hoekstra van_der_Hoeven Huisman Jacobs
        Jansen Janssen de_Jong de_Jonge Kaya Kok de_Koning Koster Kramer Kuijpers Kuiper
        van_der_Laan van_Leeuwen van_der_Linden Maas Martens van_der_Meer Meijer Mol Molenaar Mulder
        Nguyen Peeters Peters Post Postma Prins de_Ruiter Sanders Schipper Scholten Schouten Singh
        Smeets Smit Smits van_der_Veen van_Veen van_der_Velde Verbeek Verhoeven Vermeulen Visser
        Vink van_Vliet Vos de_Vries de_Waal Wagenaar van_der_Wal van_de_Ven van_Wijk Willems
        Willemsen de_Wit de_Wilde Wolters Yılmaz van_Zanten Zwart
    """,
    cities=(
        ("Amsterdam", "", "101# @@"),
        ("Amsterdam", "", "107# @@"),
        ("Rotterdam", "", "301# @@"),
        ("Utrecht", "", "351# @@"),
        ("Den Haag", "", "251# @@"),
        ("Eindhoven", "", "561# @@"),
        ("Groningen", "", "971# @@"),
    ),
    streets=(
        *("Dorpsstraat", "Kerkstraat", "Molenweg", "Schoolstraat", "Stationsweg", "Julianastraat"),
        *("Wilhelminastraat", "Nieuwstraat", "Hoofdstraat", "Parallelweg", "Prinsengracht"),
        *("Beatrixlaan", "Kastanjelaan", "Eikenlaan", "Beukenlaan", "Marktstraat", "Havenstraat"),
    ),
    address="{street} {number}",
    flats=("{n} hoog", "bel {n}", "-{n}"),
    phones=("+31 6 0000 ####", "+316 0000####", "06 0000 ####"),
    organisations=(
        *("Tandartspraktijk {last}", "{last} & {other} Advocaten", "Bakkerij {last}"),
        *("Makelaardij {last}", "Garage {last}", "Basisschool {last}", "Hockeyclub {last}"),
    ),
    suffix="B.V.",
    tax_number="NL#########B0#",
    tax_rate=21,
)
