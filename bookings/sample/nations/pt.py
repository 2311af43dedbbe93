from .nation import Nation

PORTUGAL = Nation(
    code="PT",
    typed=("Portugal", "Portugal", "PT"),
    first="""
        Afonso Alexandra Alexandre Alice Ana Anabela André Ângela António Armando Artur Augusto
        Bárbara Beatriz Benedita Bernardo Bruno Caetana Carla Carlos Carolina Catarina Cátia Clara
        Cláudia Cristina Daniel Daniela David Débora Diana Diogo Duarte Edgar Eduarda Eduardo Elisa
        Elsa Ema Emanuel Érica Estela Eva Fábio Fátima Fernanda Fernando Filipa Filipe Flávio
        Francisca Francisco Frederico Gabriel Gabriela Gaspar Gil Gonçalo Graça Guilherme Gustavo
        Helena Henrique Hugo Inês Irina Isabel Iva Ivo Jaime Joana João Joaquim Jorge José Júlia
        Juliana Júlio Lara Laura Leonor Lia Lídia Lourenço Lúcia Luís Luísa Madalena Mafalda Manuel
        Marco Margarida Maria Mariana Mário Marta Martim Matilde Mateus Miguel Miriam Mónica Natália
        Nelson Nuno Olga Olívia Óscar Patrícia Paula Paulo Pedro Rafael Rafaela Raquel Raul Renata
        Ricardo Rita Roberto Rodrigo Rosa Rúben Rui Salvador Samuel Sandra Santiago Sara Sérgio
        Simão Sílvia Sofia Sónia Susana Tânia Telma Teresa Tiago Tomás Vânia Vasco Vera Verónica
        Vicente Vítor Xavier
    """,
    last="""
        Abreu Afonso Almeida Alves Amaral Amorim Andrade Antunes Araújo Azevedo Baptista Barbosa
        Barros Borges Branco Brito Campos Cardoso Carneiro Carvalho Castro Coelho Correia Costa Cruz
        Cunha Dias Domingues Duarte Esteves Faria Fernandes Ferreira Figueiredo Fonseca Freitas
        Garcia Gaspar Gomes Gonçalves Guerreiro Henriques Jesus Leal Leite Lima Lopes Loureiro
        Lourenço Macedo Machado Magalhães Maia Marques Martins Matias Matos Melo Mendes Miranda
        Monteiro Morais Moreira Mota Moura Nascimento Neto Neves Nogueira Nunes Oliveira Pacheco
        Paiva Pereira Pimenta Pinheiro Pinho Pinto Pires Ramos Rebelo Reis Ribeiro Rocha Rodrigues
        Salgado Sampaio Santos Saraiva Silva Simões Soares Sousa Tavares Teixeira Torres Valente
        Vaz Vieira Xavier
    """,
    cities=(
        ("Lisboa", "", "1100-0##"),
        ("Lisboa", "", "1200-1##"),
        ("Porto", "", "4000-0##"),
        ("Braga", "", "4700-0##"),
        ("Coimbra", "", "3000-1##"),
        ("Faro", "", "8000-1##"),
    ),
    streets=(
        *(
            "Rua da Igreja",
            "Rua Direita",
            "Avenida da Liberdade",
            "Rua das Flores",
            "Largo do Carmo",
        ),
        *("Rua de Santa Catarina", "Rua do Comércio", "Travessa da Fonte", "Rua Nova"),
        *("Avenida da República", "Rua 25 de Abril", "Rua da Escola", "Rua do Sol", "Rua Garrett"),
        *("Praça da Alegria", "Rua de São João", "Rua Luís de Camões", "Rua da Boavista"),
    ),
    address="{street}, {number}",
    flats=("{n}.º Esq.", "{n}.º Dto.", "R/C", "{n}.º A"),
    phones=("+351 990 1## ###", "+351 9901#####", "+351 990 12# ###"),
    organisations=(
        *("Clínica {last}", "{last} Advogados", "Padaria {last}", "Oficina {last}"),
        *("Imobiliária {last}", "{last} & {other}", "Colégio {last}"),
    ),
    suffix="Lda.",
    tax_number="PT#########",
    tax_rate=23,
    has_two_last_names=True,
)
