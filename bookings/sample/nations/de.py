from .nation import Nation

GERMANY = Nation(
    code="DE",
    typed=("Deutschland", "Deutschland", "Germany", "DE"),
    first="""
        Alexander Alina Andreas Anja Anna Anton Antonia Ayşe Ben Benedikt Birgit Björn Carla
        Charlotte Christian Christina Clara Claudia Daniel David Dennis Elena Elias Elif Emil Emilia
        Emma Erik Eva Fabian Felix Finja Finn Florian Frank Franziska Frieda Greta Hanna Hannah
        Hannes Heike Henri Ida Ingrid Jakob Jan Jana Jannik Johanna Jonas Jonathan Jörg Julia Julian
        Jürgen Karin Karl Katharina Kerstin Kim Klara Lara Laura Lea Lena Leni Leon Leonie Lina
        Linus Lisa Louisa Luca Luis Luisa Lukas Magdalena Maja Manuel Marie Marlene Martin Matilda
        Matteo Max Maximilian Mehmet Melanie Michael Mila Moritz Nele Niklas Noah Ole Oskar Paul
        Paula Petra Philipp Pia Rolf Romy Sabine Samuel Sarah Sebastian Silke Simon Sofie Stefan
        Susanne Svenja Theo Thomas Tim Tobias Tom Uwe Valentin Vincent Yusuf
    """,
    last="""
        Albrecht Arnold Bauer Baumann Beck Becker Berger Bergmann Böhm Brandt Braun Busch Demir
        Dietrich Engel Ernst Fischer Frank Franke Friedrich Fuchs Graf Groß Günther Haas Hahn
        Hartmann Heinrich Herrmann Hoffmann Hofmann Horn Huber Jäger Jung Kaiser Kaya Keller Klein
        Koch Köhler König Kowalski Kraus Krause Krüger Kuhn Kühn Lang Lange Lehmann Lorenz Ludwig
        Maier Martin Mayer Meier Meyer Möller Müller Neumann Nguyen Nowak Otto Peters Pfeiffer Pohl
        Richter Roth Sauer Schäfer Schmid Schmidt Schmitt Schmitz Schneider Scholz Schreiber
        Schröder Schubert Schulte Schulz Schulze Schumacher Schuster Schwarz Seidel Simon Sommer
        Stein Thomas Vogel Vogt Voigt Wagner Walter Weber Weiß Werner Winkler Winter Wolf Wolff
        Yılmaz Ziegler Zimmermann
    """,
    cities=(
        ("Berlin", "", "101##"),
        ("Berlin", "", "120##"),
        ("Hamburg", "", "202##"),
        ("München", "Bayern", "803##"),
        ("Köln", "Nordrhein-Westfalen", "506##"),
        ("Frankfurt am Main", "Hessen", "603##"),
        ("Stuttgart", "Baden-Württemberg", "701##"),
        ("Leipzig", "Sachsen", "041##"),
        ("Düsseldorf", "Nordrhein-Westfalen", "402##"),
    ),
    streets=(
        *(
            "Hauptstraße",
            "Bahnhofstraße",
            "Schulstraße",
            "Gartenstraße",
            "Dorfstraße",
            "Bergstraße",
        ),
        *("Lindenstraße", "Birkenweg", "Kirchstraße", "Waldstraße", "Ringstraße", "Wiesenweg"),
        *("Goethestraße", "Schillerstraße", "Mühlenweg", "Rosenweg", "Amselweg", "Friedrichstraße"),
        *("Mozartstraße", "Buchenweg", "Feldstraße", "Jahnstraße", "Am Markt", "Beethovenstraße"),
    ),
    address="{street} {number}",
    flats=("{n}. Stock", "Hinterhaus", "{n}. OG links", "{n}. OG rechts"),
    phones=(
        *("030 23125 ###", "+49 30 23125###", "040 66969 ###", "089 99998 ###", "0221 4710 ###"),
        *("069 90009 ###", "0171 39200##", "+49 171 39200##", "0176 040690##"),
    ),
    organisations=(
        *("{last} & {other} Rechtsanwälte", "Zahnarztpraxis {last}", "Autohaus {last}"),
        *("{last} Immobilien", "Bäckerei {last}", "Steuerbüro {last}", "Turnverein {last}"),
    ),
    suffix="GmbH",
    tax_number="DE#########",
    tax_rate=19,
)
