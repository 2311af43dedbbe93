from .nation import Nation

BRITAIN = Nation(
    code="GB",
    typed=("United Kingdom", "United Kingdom", "UK", "GB"),
    first="""
        Adam Aisha Alexander Alice Amelia Amir Amy Andrew Anna Archie Arthur Ava Ben Bethany Callum
        Charlotte Chloe Christopher Clara Daisy Daniel David Dylan Edward Eleanor Elizabeth Ella
        Ellie Emily Emma Ethan Evie Fatima Finlay Florence Francesca Freya George Georgia Grace
        Hannah Harriet Harry Harvey Heather Henry Holly Hugo Ibrahim Imogen Isaac Isabella Isla Jack
        Jacob Jade James Jasmine Jessica Joseph Joshua Katie Keira Kieran Lauren Leo Lewis Lily Liam
        Louis Lucy Lydia Maisie Martha Matilda Matthew Megan Mia Mohammed Molly Nathan Niamh Noah
        Olivia Oliver Oscar Phoebe Poppy Priya Rebecca Reuben Robert Rosie Ruby Ryan Samuel Sarah
        Scarlett Sebastian Siobhán Sophia Sophie Stephen Tariq Theo Thomas Toby Victoria Violet
        William Yasmin Zachary Zara Zoë
    """,
    last="""
        Abbott Adams Ahmed Akhtar Ali Allen Anderson Armstrong Atkinson Bailey Baker Barker Barnes
        Begum Bell Bennett Booth Bradley Brooks Brown Burton Butler Campbell Carter Chambers Chapman
        Clark Clarke Cole Collins Cook Cooper Cox Davies Davis Dawson Dixon Edwards Ellis Evans
        Fisher Fletcher Foster Fox Francis Gardner George Gibson Gill Gordon Graham Grant Gray Green
        Griffiths Hall Hamilton Harris Harrison Hart Harvey Hill Holmes Hughes Hunt Hunter Hussain
        Jackson James Jenkins Johnson Johnston Jones Kaur Kelly Kennedy Khan King Knight Lane Lawson
        Lee Lewis Lloyd MacDonald Marsh Marshall Martin Mason Matthews May McDonald Mills Mitchell
        Moore Morgan Morris Murphy Murray O'Brien O'Connor Owen Palmer Parker Patel Pearce Pearson
        Phillips Poole Powell Price Reid Reynolds Richards Richardson Roberts Robertson Robinson
        Rogers Rose Russell Ryan Saunders Scott Shah Sharma Shaw Simpson Singh Smith Spencer Stevens
        Stewart Stone Sullivan Taylor Thomas Thompson Thomson Turner Walker Wallace Walsh Ward
        Watson Watts Webb West White Wilkinson Williams Williamson Wilson Wood Wright Young
    """,
    cities=(
        ("London", "", "E# #@@"),
        ("London", "", "SE1# #@@"),
        ("London", "", "NW# #@@"),
        ("Manchester", "", "M1# #@@"),
        ("Birmingham", "", "B1# #@@"),
        ("Leeds", "West Yorkshire", "LS# #@@"),
        ("Bristol", "", "BS# #@@"),
        ("Edinburgh", "", "EH# #@@"),
        ("Cardiff", "", "CF1# #@@"),
        ("Brighton", "East Sussex", "BN# #@@"),
    ),
    streets=(
        *("High Street", "Station Road", "Church Lane", "Victoria Road", "Green Lane", "Mill Lane"),
        *("Park Road", "Queens Road", "Manor Road", "Kings Road", "The Crescent", "Grange Road"),
        *("Albert Road", "Windsor Road", "Springfield Road", "George Street", "Park Avenue"),
        *("Alexandra Road", "Richmond Road", "York Road", "New Road", "Broadway", "School Lane"),
        *("Chapel Street", "Stanley Road", "Highfield Road", "Chester Road", "Cedar Avenue"),
    ),
    address="{number} {street}",
    flats=("Flat {n}", "Flat {n}", "Apartment {n}", "Unit {n}"),
    phones=(
        *("07700 900###", "07700900###", "+44 7700 900###", "+447700900###"),
        *("020 7946 0###", "0161 496 0###", "0121 496 0###", "0113 496 0###", "0131 496 0###"),
        *("0117 496 0###", "01632 960###"),
    ),
    organisations=(
        *("{last} & {other} Solicitors", "{last} Dental Practice", "{last} Estates", "The {last}"),
        *(
            "{last} & Sons",
            "{last} Architects",
            "St {first}'s Primary School",
            "{last} Rowing Club",
        ),
        *("{last} Accountants", "{last} Care Home"),
    ),
    suffix="Ltd",
    tax_number="GB#########",
    tax_rate=20,
)
