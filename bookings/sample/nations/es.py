from .nation import Nation

SPAIN = Nation(
    code="ES",
    typed=("España", "España", "Spain", "ES"),
    first="""
        Adrián Agustín Aitana Aitor Alba Alberto Alejandra Alejandro Álex Alfonso Alicia Álvaro
        Amparo Ana Andrea Andrés Ángel Ángela Antonio Ariadna Beatriz Begoña Blanca Borja Bruno
        Candela Carla Carlos Carlota Carmen Carolina Celia César Clara Claudia Concepción Cristina
        Daniel Daniela David Diego Eduardo Elena Elisa Emilio Emma Enrique Esteban Esther Eugenia
        Eva Fátima Fernando Francisco Gabriel Gema Gloria Gonzalo Guillermo Héctor Hugo Ignacio Inés
        Inmaculada Irene Isabel Iván Javier Jesús Joaquín Jordi Jorge José Juan Julia Laia Lara
        Laura Leire Leo Lidia Lola Lorena Lourdes Lucas Lucía Luis Manuel Mar Marc Marcos María
        Marina Mario Marta Martín Mateo Mercedes Miguel Míriam Mónica Natalia Nerea Nicolás Noelia
        Nuria Olga Óscar Pablo Paula Pedro Pilar Rafael Raquel Raúl Ricardo Rocío Rodrigo Rosa Rubén
        Sandra Santiago Sara Sergio Silvia Sofía Sonia Susana Teresa Tomás Valeria Vera Vicente
        Víctor Yolanda
    """,
    last="""
        Aguilar Alonso Álvarez Arias Benítez Blanco Bravo Caballero Cabrera Calvo Campos Cano
        Carmona Carrasco Castillo Castro Cortés Crespo Cruz Delgado Díaz Díez Domínguez Durán
        Esteban Fernández Ferrer Flores Fuentes Gallardo Gallego García Garrido Gil Giménez Gómez
        González Guerrero Gutiérrez Hernández Herrera Herrero Hidalgo Ibáñez Iglesias Jiménez León
        López Lorenzo Lozano Marín Márquez Martín Martínez Medina Méndez Menéndez Molina Montero
        Mora Morales Moreno Moya Muñoz Navarro Nieto Núñez Ortega Ortiz Pascual Pastor Peña Pérez
        Prieto Puig Ramírez Ramos Reyes Rodríguez Román Romero Rubio Ruiz Sáez Sánchez Santana
        Santiago Santos Sanz Serrano Soler Soto Suárez Torres Vargas Vázquez Vega Velasco Vicente
        Vidal Vila
    """,
    cities=(
        ("Madrid", "Madrid", "280##"),
        ("Barcelona", "Barcelona", "080##"),
        ("Valencia", "Valencia", "4600#"),
        ("Sevilla", "Sevilla", "4100#"),
        ("Zaragoza", "Zaragoza", "5000#"),
        ("Málaga", "Málaga", "2900#"),
        ("Bilbao", "Bizkaia", "4800#"),
        ("Palma", "Illes Balears", "0701#"),
    ),
    streets=(
        *("Calle Mayor", "Calle Real", "Avenida de la Constitución", "Plaza de España"),
        *("Calle del Sol", "Calle Nueva", "Calle San José", "Avenida de Andalucía", "Calle Goya"),
        *("Paseo del Prado", "Calle Cervantes", "Calle de la Iglesia", "Calle Santa Ana"),
        *("Ronda de Levante", "Calle Velázquez", "Camino Viejo", "Calle del Pilar", "Gran Vía"),
    ),
    address="{street}, {number}",
    flats=("{n}º A", "{n}º B", "{n}º izda.", "{n}º dcha.", "Bajo C"),
    phones=("+34 555 01 ## ##", "+34 555 01# ###", "+3455501####"),
    organisations=(
        *("Clínica {last}", "{last} Abogados", "Talleres {last}", "Colegio {last}"),
        *("Inmobiliaria {last}", "Panadería {last}", "Asesoría {last} y {other}"),
    ),
    suffix="S.L.",
    tax_number="B########",
    tax_rate=21,
    has_two_last_names=True,
)
