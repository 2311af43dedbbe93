from .nation import Nation

MEXICO = Nation(
    code="MX",
    typed=("México", "México", "Mexico", "MX"),
    first="""
        Abigail Abril Adriana Alan Alejandra Alejandro Alexa Alexis Alfredo Alma Ana Andrea Ángel
        Antonio Araceli Ariadna Armando Arturo Axel Beatriz Benjamín Berenice Brandon Brenda Bruno
        Camila Carlos Carmen César Citlali Claudia Cristian Daniel Daniela David Diana Diego Dulce
        Edgar Eduardo Elizabeth Emiliano Emilio Emmanuel Enrique Érika Ernesto Esmeralda Esteban
        Eva Ximena Fabiola Fátima Felipe Fernanda Fernando Francisco Gabriel Gabriela Gael Gerardo
        Gloria Graciela Guadalupe Guillermo Gustavo Héctor Hugo Ian Ignacio Iker Irma Isaac Isabel
        Itzel Iván Ivonne Jacqueline Javier Jazmín Jesús Jimena Joaquín Jonathan Jorge José Josué
        Juan Juana Julio Karen Karla Laura Leonardo Leonel Leticia Lizbeth Lorena Lucía Luis Luz
        Manuel Marco Margarita María Mariana Mario Maribel Mateo Matías Mauricio Mayra Melissa
        Miguel Mónica Montserrat Nancy Natalia Nayeli Norma Omar Óscar Pablo Paola Patricia Paulina
        Pedro Perla Rafael Ramón Raúl Regina Renata Ricardo Roberto Rocío Rodrigo Rogelio Romina
        Rosa Rubén Salvador Samuel Santiago Saúl Sebastián Sergio Silvia Sofía Teresa Valentina
        Valeria Vanessa Verónica Víctor Victoria Viridiana Yolanda Zoé
    """,
    last="""
        Acosta Aguilar Aguirre Alvarado Álvarez Ávila Ayala Bautista Camacho Campos Cárdenas
        Carrillo Castañeda Castillo Castro Cervantes Chávez Contreras Cortés Cruz Delgado Díaz
        Domínguez Escobar Espinosa Estrada Fernández Figueroa Flores Franco Fuentes Gallegos García
        Garza Gómez González Guerrero Gutiérrez Guzmán Hernández Herrera Ibarra Jiménez Juárez Lara
        León López Lozano Luna Maldonado Marín Márquez Martínez Medina Mejía Méndez Mendoza Meza
        Miranda Molina Montes Morales Moreno Muñoz Navarro Núñez Ochoa Orozco Ortega Ortiz Pacheco
        Padilla Palacios Peña Pérez Ponce Ramírez Ramos Rangel Reyes Ríos Rivera Robles Rodríguez
        Rojas Romero Rosales Rosas Rubio Ruiz Salas Salazar Salinas Sánchez Sandoval Santiago Santos
        Serrano Silva Solís Soto Suárez Torres Trejo Trujillo Valdez Valencia Vargas Vázquez Vega
        Velázquez Zamora Zavala Zúñiga
    """,
    cities=(
        ("Ciudad de México", "CDMX", "060##"),
        ("Ciudad de México", "CDMX", "031##"),
        ("Guadalajara", "Jalisco", "441##"),
        ("Monterrey", "Nuevo León", "640##"),
        ("Puebla", "Puebla", "720##"),
        ("Querétaro", "Querétaro", "760##"),
        ("Mérida", "Yucatán", "970##"),
    ),
    streets=(
        *("Avenida Juárez", "Calle Hidalgo", "Avenida Reforma", "Calle Morelos", "Calle Madero"),
        *("Avenida Universidad", "Calle Allende", "Calle 5 de Mayo", "Avenida Insurgentes"),
        *("Calle Zaragoza", "Calle Guerrero", "Calle Independencia", "Avenida Chapultepec"),
        *("Privada Las Flores", "Calle Matamoros", "Calle Benito Juárez", "Calle Aldama"),
    ),
    address="{street} {number}",
    flats=("Int. {n}", "Depto. {n}", "Piso {n}"),
    phones=("+52 55 0012 ####", "+52 33 0012 ####", "+52 81 0012 ####", "55 0012 ####"),
    organisations=(
        *("Consultorio {last}", "{last} y Asociados", "Taller {last}", "Colegio {last}"),
        *("Grupo {last}", "Despacho {last}", "Panadería {last}"),
    ),
    suffix="S.A. de C.V.",
    tax_number="@@@######@#@",
    tax_rate=16,
    has_two_last_names=True,
)
