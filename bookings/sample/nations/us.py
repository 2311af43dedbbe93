from .nation import Nation

STATES = Nation(
    code="US",
    typed=("United States", "United States", "USA", "US"),
    first="""
        Aaliyah Aaron Abigail Adam Addison Aiden Alexis Allison Alyssa Amanda Andrea Andrew Angela
        Anthony Ashley Aubrey Austin Avery Benjamin Blake Brandon Brianna Brooklyn Caleb Cameron
        Carlos Carter Charles Christian Christopher Claire Cody Cole Connor Crystal Daniel Danielle
        David Destiny Diego Dominic Dylan Edward Eli Elijah Emily Eric Evan Faith Gabriel Gavin
        Genesis Grayson Hailey Hannah Hunter Ian Isaiah Jackson Jada Jaden Jasmine Jason Jayden
        Jennifer Jeremiah Jesse Jessica John Jordan Jose Juan Julian Justin Kaitlyn Kayla Kelly
        Kenneth Kevin Kimberly Kyle Landon Latoya Laura Levi Lindsay Logan Luis Luke Mackenzie
        Madison Malik Marcus Maria Mason Megan Melissa Michael Michelle Miguel Morgan Nathaniel
        Nicholas Nicole Owen Paige Patrick Rachel Richard Robert Samantha Savannah Sean Sierra
        Skylar Stephanie Steven Sydney Taylor Tiffany Trinity Tyler Vanessa Victor Wyatt Xavier
    """,
    last="""
        Adams Aguilar Allen Alvarez Anderson Bailey Baker Barnes Bell Bennett Brooks Brown Bryant
        Butler Campbell Carter Castillo Castro Chavez Chen Clark Coleman Collins Cook Cooper Cox
        Cruz Davis Diaz Edwards Evans Fisher Flores Ford Foster Garcia Gibson Gomez Gonzalez Graham
        Gray Green Griffin Gutierrez Hall Hamilton Harris Harrison Hayes Henderson Hernandez Hill
        Howard Hughes Jackson James Jenkins Jimenez Johnson Jones Jordan Kelly Kennedy Kim King Lee
        Lewis Li Long Lopez Marshall Martin Martinez McDonald Mendoza Miller Mitchell Moore Morales
        Morgan Morris Murphy Murray Myers Nelson Nguyen Ortiz Owens Parker Patel Patterson Perez
        Perry Peterson Phillips Powell Price Ramirez Ramos Reed Reyes Reynolds Richardson Rivera
        Roberts Robinson Rodriguez Rogers Ross Ruiz Russell Sanchez Sanders Scott Simmons Smith
        Stevens Stewart Sullivan Taylor Thomas Thompson Torres Tran Turner Vargas Vasquez Walker
        Wallace Ward Washington Watson West White Williams Wilson Wong Wood Woods Wright Young
    """,
    cities=(
        ("New York", "NY", "100##"),
        ("Brooklyn", "NY", "112##"),
        ("Los Angeles", "CA", "900##"),
        ("San Francisco", "CA", "941##"),
        ("Chicago", "IL", "606##"),
        ("Austin", "TX", "787##"),
        ("Seattle", "WA", "981##"),
        ("Denver", "CO", "802##"),
        ("Boston", "MA", "021##"),
        ("Portland", "OR", "972##"),
    ),
    streets=(
        *("Main Street", "2nd Street", "Oak Street", "Park Avenue", "Maple Avenue", "Cedar Lane"),
        *("Washington Avenue", "Lake Street", "Hill Road", "Walnut Street", "Sunset Boulevard"),
        *("Elm Street", "Pine Street", "Lincoln Avenue", "Jackson Street", "Church Street"),
        *("River Road", "Highland Avenue", "Madison Street", "Spruce Street", "Franklin Avenue"),
        *("Chestnut Street", "Spring Street", "Ridge Road", "Willow Drive", "Center Street"),
    ),
    address="{number} {street}",
    flats=("Apt {n}", "Apt {n}", "Unit {n}", "#{n}"),
    phones=(
        *("(212) 555-01##", "212-555-01##", "+1 212-555-01##", "(310) 555-01##", "(415) 555-01##"),
        *("415.555.01##", "+1 415-555-01##", "(312) 555-01##", "(512) 555-01##", "(206) 555-01##"),
        *("(303) 555-01##", "(617) 555-01##", "+150355501##"),
    ),
    organisations=(
        *("{last} & {other} LLP", "{last} Family Dentistry", "{last} Realty", "{last} Brothers"),
        *("{last} Design", "{last} Elementary School", "{last} Law Group", "{last} Foundation"),
    ),
    suffix="LLC",
    tax_number="##-#######",
    tax_rate=0,
)
