from .nation import Nation

FRANCE = Nation(
    code="FR",
    typed=("France", "France", "FR"),
    first="""
        Adèle Adrien Agathe Alexandre Alice Amandine Ambre Amine Anaïs Antoine Arthur Aurélie Axel
        Baptiste Benjamin Camille Capucine Caroline Cécile Céline Charlotte Chloé Claire Clément
        Corentin Damien David Delphine Dylan Élise Élodie Emma Enzo Ève Fanny Florian Gabriel Gaël
        Guillaume Hélène Hugo Inès Isabelle Jade Jean Jeanne Jérôme Jules Julie Julien Juliette
        Justine Karim Kévin Laura Laurent Léa Léo Léonie Lina Lola Louane Louis Louise Lucas Lucie
        Maëlle Maël Manon Margaux Margot Marie Marine Martin Mathilde Mathis Mathéo Maxime Mehdi
        Mélanie Michel Mila Nathalie Nathan Nicolas Nina Noé Nour Océane Olivier Pascal Paul Pauline
        Philippe Pierre Quentin Raphaël Rémi Romain Romane Rose Sacha Samuel Sarah Simon Sofia
        Solène Sophie Stéphane Thibault Théo Thomas Timéo Tom Valentin Valérie Victor Yanis Zoé
    """,
    last="""
        Adam André Aubert Bailly Barbier Benali Benoit Bernard Bertrand Besson Blanc Blanchard
        Bonnet Bouchet Boucher Boulanger Bourgeois Boyer Brun Brunet Caron Carpentier Chevalier
        Clément Colin Collet Cousin Da_Silva David Denis Deschamps Diallo Dubois Dufour Dumas Dumont
        Dupont Dupuis Durand Duval Étienne Fabre Faure Fleury Fontaine Fournier François Garcia
        Garnier Gauthier Gautier Gérard Gillet Girard Giraud Guérin Guillaume Haddad Henry Hubert
        Huet Jacquet Jean Joly Lacroix Lambert Laurent Leclerc Leclercq Lefebvre Lefèvre Legrand
        Lemaire Lemoine Leroux Leroy Lopez Lucas Maillard Marchand Marie Martin Martinez Masson
        Mathieu Mercier Meunier Meyer Michel Moreau Morel Morin Moulin Muller Nguyen Nicolas Noël
        Olivier Paris Perez Perrin Petit Philippe Picard Pierre Renard Renaud Rey Richard Rivière
        Robert Robin Roche Roger Rolland Rousseau Roussel Roux Roy Sanchez Schmitt Simon Thomas
        Traoré Vidal Vincent
    """,
    cities=(
        ("Paris", "", "750##"),
        ("Lyon", "", "6900#"),
        ("Marseille", "", "1300#"),
        ("Toulouse", "", "3100#"),
        ("Bordeaux", "", "3300#"),
        ("Lille", "", "5900#"),
        ("Nantes", "", "4400#"),
        ("Nice", "", "0600#"),
        ("Strasbourg", "", "6700#"),
    ),
    streets=(
        *("rue de l'Église", "rue de la Gare", "place de la Mairie", "rue des Écoles"),
        *("rue Victor Hugo", "avenue Jean Jaurès", "rue Pasteur", "rue du Moulin"),
        *("rue de la République", "boulevard Voltaire", "rue des Lilas", "chemin des Vignes"),
        *("rue du Château", "rue Jules Ferry", "avenue Foch", "rue Saint-Michel", "quai Perrache"),
        *("impasse des Roses", "rue de Verdun", "rue Nationale", "rue du Stade", "rue Gambetta"),
    ),
    address="{number} {street}",
    flats=("Appt {n}", "Bâtiment B", "{n}e étage", "Porte {n}"),
    phones=(
        *("01 99 00 ## ##", "+33 1 99 00 ## ##", "04 65 71 ## ##", "05 36 49 ## ##"),
        *("06 39 98 ## ##", "0639 98 ## ##", "+33 6 39 98 ## ##", "+33639 98####"),
    ),
    organisations=(
        *("Cabinet {last}", "Boulangerie {last}", "{last} & {other} Avocats", "École {last}"),
        *("Garage {last}", "Agence {last}", "Clinique {last}", "Atelier {last}"),
    ),
    suffix="SARL",
    tax_number="FR###########",
    tax_rate=20,
)
