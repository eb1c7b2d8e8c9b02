"""Words from which labelled projects are named: kinds of activity, countries, registries.

Places and companies are coined from syllables, so that no seed names a real project and two seeds
share few names.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Kind(NamedTuple):
    """A kind of activity.

    Attributes:
        names: Language -> ways to name an activity of this kind; `{place}` is where it is.
        methods: Codes under which programmes know it, and one that says it in words.
        sectors: What registries call its sector, the same position for the same registry.
        trade: Words in the names of companies that do it.
    """

    names: dict[str, tuple[str, ...]]
    methods: tuple[str, ...]
    sectors: tuple[str, str, str]
    trade: tuple[str, ...]


class Country(NamedTuple):
    """Where activities are.

    Attributes:
        languages: In which names are written there, English among them.
        syllables: Beginnings, middles and ends of names of places.
        box: South, north, west and east, in whole degrees; east of the date line beyond 180.
        suffixes: Legal forms of companies; those of one tuple are one form in several spellings.
    """

    languages: tuple[str, ...]
    syllables: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
    box: tuple[int, int, int, int]
    suffixes: tuple[tuple[str, ...], ...]


class Style(NamedTuple):
    """How one registry publishes a project.

    Attributes:
        prefix: Of its project ids.
        located: Share of projects with coordinates, in hundredths.
        sector: Position in `Kind.sectors`.
        shouts: Share of names in capitals, in hundredths.
        folds: Share of texts without diacritics, in hundredths.
        worded: Whether methodologies are published with their title.
        countries: Where its projects are; empty for anywhere.
    """

    prefix: str
    located: int
    sector: int
    shouts: int
    folds: int
    worded: bool
    countries: tuple[str, ...] = ()


_ENERGY: Final = ("Energy industries", "Renewable energy", "Energy")
_LAND: Final = ("Agriculture Forestry and Other Land Use", "A/R", "Land use (AFOLU)")
_WASTE: Final = ("Waste handling and disposal", "Waste", "Waste management")
_HOME: Final = ("Energy demand", "Energy Efficiency - Domestic", "Households")

KINDS: Final = {
    "hydro": Kind(
        {
            "en": (
                "{place} Hydroelectric Project",
                "{place} Hydropower Plant",
                "{place} Small Hydro Power Project",
                "Run-of-river hydro plant at {place}",
            ),
            "es": ("Proyecto Hidroeléctrico {place}", "Central Hidroeléctrica {place}"),
            "pt": ("Usina Hidrelétrica {place}", "PCH {place}"),
        },
        ("ACM0002", "AMS-I.D.", "Grid-connected electricity generation from renewable sources"),
        _ENERGY,
        ("Energía", "Hydro", "Power", "Generación"),
    ),
    "wind": Kind(
        {
            "en": (
                "{place} Wind Farm",
                "{place} Wind Power Project",
                "Bundled wind project in {place}",
                "Wind energy generation at {place}",
            ),
            "es": ("Parque Eólico {place}", "Proyecto eólico {place}"),
            "pt": ("Parque Eólico {place}", "Complexo Eólico {place}"),
        },
        ("ACM0002", "AMS-I.D.", "Grid-connected electricity generation from renewable sources"),
        _ENERGY,
        ("Wind", "Power", "Renovables", "Energy"),
    ),
    "solar": Kind(
        {
            "en": (
                "{place} Solar PV Project",
                "{place} Photovoltaic Power Plant",
                "Solar power project at {place}",
            ),
            "es": ("Granja Solar {place}", "Parque Solar {place}"),
            "pt": ("Usina Fotovoltaica {place}", "Parque Solar {place}"),
        },
        ("ACM0002", "AMS-I.F.", "Renewable electricity generation for captive use"),
        _ENERGY,
        ("Solar", "Sun", "Energy", "Power"),
    ),
    "landfill": Kind(
        {
            "en": (
                "{place} Landfill Gas Project",
                "{place} Landfill Gas Capture and Flaring Project",
                "LFG recovery at {place} landfill",
            ),
            "es": ("Captura de biogás en el relleno sanitario {place}", "Relleno {place}"),
            "pt": ("Projeto de Gás do Aterro {place}", "Aterro Sanitário {place}"),
        },
        ("ACM0001", "AMS-III.G.", "Flaring or use of landfill gas"),
        _WASTE,
        ("Ambiental", "Environment", "Waste", "Sanitation"),
    ),
    "biogas": Kind(
        {
            "en": (
                "{place} Biogas Project",
                "Methane recovery from wastewater at {place} mill",
                "{place} household biodigesters",
            ),
            "es": ("Biogás {place}", "Biodigestores en {place}"),
            "pt": ("Projeto de Biogás {place}", "Biodigestores em {place}"),
        },
        ("AMS-III.H.", "AMS-III.D.", "Methane recovery in wastewater treatment"),
        _WASTE,
        ("Agro", "Biogas", "Foods", "Palm"),
    ),
    "stove": Kind(
        {
            "en": (
                "{place} Improved Cookstoves",
                "Efficient cookstove programme in {place}",
                "Clean cooking for {place} households",
                "Improved Cook Stoves Project - {place}",
            ),
            "es": ("Estufas eficientes en {place}", "Estufas mejoradas {place}"),
            "pt": ("Fogões eficientes em {place}", "Fogões melhorados {place}"),
        },
        ("AMS-II.G.", "VMR0006", "Technologies and practices to displace thermal energy"),
        _HOME,
        ("Stoves", "Clean Cooking", "Impact", "Development"),
    ),
    "water": Kind(
        {
            "en": (
                "Safe water for {place}",
                "{place} Borehole Rehabilitation",
                "{place} safe water access programme",
            ),
            "es": ("Agua segura para {place}", "Filtros de agua en {place}"),
            "pt": ("Água segura para {place}", "Filtros de água em {place}"),
        },
        ("AMS-III.AV.", "VMR0050", "Emission reductions from safe drinking water supply"),
        _HOME,
        ("Water", "Impact", "Wells", "Development"),
    ),
    "redd": Kind(
        {
            "en": (
                "{place} REDD+ Project",
                "{place} forest conservation project",
                "Avoided deforestation in {place}",
                "REDD+ with the communities of {place}",
            ),
            "es": ("Proyecto REDD+ {place}", "Conservación de bosques {place} REDD+"),
            "pt": ("Projeto REDD+ {place}", "Conservação florestal {place}"),
        },
        ("VM0007", "VM0048", "Methodology for the implementation of REDD+ projects"),
        _LAND,
        ("Forest", "Conservation", "Ambiental", "Carbon"),
    ),
    "trees": Kind(
        {
            "en": (
                "{place} Reforestation Project",
                "{place} Afforestation of Degraded Land",
                "Restoring degraded land in {place}",
                "{place} agroforestry for small farmers",
            ),
            "es": (
                "Reforestación comercial en {place}",
                "Proyecto forestal {place}",
                "Carbono {place}",
            ),
            "pt": ("Reflorestamento {place}", "Projeto agroflorestal {place}"),
        },
        ("AR-ACM0003", "VM0047", "Afforestation and reforestation of lands except wetlands"),
        _LAND,
        ("Forestal", "Agro", "Trees", "Land"),
    ),
    "mangrove": Kind(
        {
            "en": ("{place} Mangrove Restoration", "Blue carbon {place}", "Mangroves of {place}"),
            "es": ("Manglares de {place}", "Restauración de manglar {place}"),
            "pt": ("Manguezais de {place}", "Restauração de mangue {place}"),
        },
        ("VM0033", "AR-AM0014", "Tidal wetland and seagrass restoration"),
        _LAND,
        ("Coast", "Blue", "Carbon", "Ocean"),
    ),
    "mine": Kind(
        {
            "en": (
                "{place} CMM Power Generation Project",
                "{place} Coal Mine Methane Utilisation",
                "Ventilation air methane at {place} mine",
            ),
            "es": ("Metano de mina {place}", "Mina {place}: captura de metano"),
            "pt": ("Metano da mina {place}", "Captura de metano na mina {place}"),
        },
        ("ACM0008", "VMR0001", "Abatement of methane from coal mines"),
        ("Mining/mineral production", "Mining", "Fugitive emissions"),
        ("Mining", "Coal", "New Energy", "Minerals"),
    ),
    "char": Kind(
        {
            "en": ("{place} Biochar", "Biochar at {place}", "{place} Biochar Carbon Removal"),
            "es": ("Biocarbón {place}", "Planta de biochar {place}"),
            "pt": ("Biochar {place}", "Biocarvão {place}"),
        },
        ("VM0044", "biochar", "Biochar utilization in soil and non-soil applications"),
        ("Carbon capture and storage", "Removals", "Biomass carbon removal"),
        ("Carbon", "Earth", "Soil", "Agri"),
    ),
}

_SPANISH: Final = (
    ("San ", "Santa ", "El ", "La ", "Los ", "Río ", "Valle ", "Alto ", "", "", "", ""),
    ("Gua", "Mar", "Ca", "Te", "Que", "Bo", "Jor", "Ñu", "Piña", "Cóndor", "Ber", "Sol", "Arau"),
    ("raná", "quito", "ndría", "lejo", "buco", "rica", "ñeros", "dal", "lombo", "tegal", "cundí"),
)
_BRAZILIAN: Final = (
    ("São ", "Santo ", "Serra ", "Lagoa ", "Porto ", "Rio ", "", "", ""),
    ("Ita", "Para", "Jequi", "Ara", "Cabe", "Xin", "Tapi", "Uru", "Goia", "Maçã", "Igua"),
    ("baí", "tinga", "ções", "guara", "peva", "nópolis", "rema", "canga", "çu", "mirim", "poã"),
)
_INDIAN: Final = (
    ("", "", "Sri ", "New "),
    ("Chandra", "Kali", "Jai", "Raj", "Vel", "Mahe", "Tiru", "Bhav", "Nanda", "Kol", "Sat", "Ambi"),
    ("pur", "nagar", "garh", "wadi", "palli", "gaon", "kota", "mangalam", "pet", "drug", "sar"),
)
_CHINESE: Final = (
    ("", "", "Dong", "Xi", "Nan", "Bei"),
    ("Guang", "Qing", "Lin", "Yun", "Jiao", "Heng", "Zhao", "Feng", "Tai", "Shuang", "Wu", "Long"),
    ("ling", "yang", "shan", "zhou", "he", "tang", "cheng", "xing", "jiang", "kou", "an"),
)
_EASTERN: Final = (
    ("", "", "Upper ", "Lower ", "Bukit ", "Tan "),
    ("Kam", "Muri", "Band", "Sema", "Lam", "Palu", "Tha", "Quang", "Son", "Dak", "Jamb", "Kelu"),
    ("rang", "pura", "dung", "lok", "ngai", "nong", "tara", "wesi", "long", "bing", "ari"),
)
_AFRICAN: Final = (
    ("", "", "", "Mount ", "Lake "),
    ("Kari", "Mbe", "Nya", "Kisu", "Lua", "Tano", "Zam", "Ruhu", "Mago", "Kata", "Busi", "Chim"),
    ("ba", "rara", "gatare", "mu", "ndo", "boro", "kwa", "langa", "hengeri", "zi", "soke"),
)
_ENGLISH: Final = (
    ("", "", "Fort ", "Upper ", "Grand ", "Port "),
    ("Wil", "Har", "Ash", "Burn", "Clear", "Red", "Maple", "Stone", "Hollow", "Cedar", "Elk"),
    ("liams", "ville", "field", "water", "burg", "ridge", "wood", "haven", "more", "ton", "creek"),
)
_PLURAL: Final = (("Ltd.", "Limited", "Ltd"), ("Pty Ltd", "Pty. Limited", "(Pty) Ltd"))
_INC: Final = (("Inc.", "Incorporated", "Inc"), ("LLC", "L.L.C."), ("Corp.", "Corporation"))
_LATIN: Final = (("S.A.S.", "SAS", "S A S"), ("S.A.", "SA", "Sociedad Anónima"), ("Ltda.", "Ltda"))
_INDIA: Final = (("Private Limited", "Pvt. Ltd.", "Pvt Ltd"), ("Limited", "Ltd."))
_CHINA: Final = (("Co., Ltd.", "Co. Ltd", "Company Limited"),)

COUNTRIES: Final = {
    "CO": Country(("es", "en"), _SPANISH, (0, 11, -77, -68), _LATIN),
    "PE": Country(("es", "en"), _SPANISH, (-17, -1, -79, -70), _LATIN),
    "MX": Country(("es", "en"), _SPANISH, (16, 31, -112, -90), _LATIN),
    "CL": Country(("es", "en"), _SPANISH, (-45, -19, -73, -69), _LATIN),
    "BR": Country(("pt", "en"), _BRAZILIAN, (-29, -1, -65, -38), _LATIN),
    "IN": Country(("en",), _INDIAN, (9, 30, 70, 88), _INDIA),
    "CN": Country(("en",), _CHINESE, (22, 46, 88, 122), _CHINA),
    "VN": Country(("en",), _EASTERN, (9, 22, 103, 109), (("JSC", "Joint Stock Company"),)),
    "ID": Country(("en",), _EASTERN, (-9, 5, 96, 138), (("Tbk", "Tbk."),)),
    "KE": Country(("en",), _AFRICAN, (-4, 4, 34, 41), _PLURAL),
    "UG": Country(("en",), _AFRICAN, (-1, 3, 30, 34), _PLURAL),
    "ZM": Country(("en",), _AFRICAN, (-17, -9, 22, 33), _PLURAL),
    "US": Country(("en",), _ENGLISH, (28, 48, -122, -72), _INC),
    "FJ": Country(("en",), _EASTERN, (-19, -16, 177, 183), _PLURAL),
}

STYLES: Final = {
    "Verra": Style("", 40, 0, 25, 35, False),
    "Gold Standard": Style("GS", 15, 1, 5, 40, True),
    "CDM": Style("", 30, 0, 5, 60, True, ("CO", "PE", "MX", "CL", "BR", "IN", "CN", "VN", "KE")),
    "EcoRegistry": Style("CDC-", 90, 2, 15, 5, True, ("CO", "PE", "MX", "CL", "BR")),
    "ICR": Style("", 90, 2, 0, 20, True),
    "ACR": Style("ACR", 0, 1, 0, 70, True, ("US", "MX", "BR")),
    "CAR": Style("CAR", 0, 1, 0, 70, False, ("US", "MX")),
    "Isometric": Style("prj_", 90, 2, 0, 20, False, ("US", "IN", "BR", "KE", "CL", "ID")),
}

COINED: Final = (
    (
        "Ver",
        "Al",
        "Ter",
        "Eco",
        "Nor",
        "Zan",
        "Bio",
        "Cli",
        "Sol",
        "Kor",
        "Mon",
        "Ar",
        "Tel",
        "Qui",
    ),
    ("da", "vi", "ra", "mo", "lu", "ne", "ti", "so", "ga", "be", "fi", "ka", "pa", "xo"),
    ("ris", "nta", "via", "lon", "cor", "dex", "mar", "tis", "nova", "gen", "lia", "rix", "sol"),
)
"""Syllables of the names of companies."""

PADDING: Final = (
    "", "", "", "", " (grouped project)", ", {country}", " - {region} region", " by {owner}",
)  # fmt: skip
"""What registries put behind a name."""

REGIONS: Final = ("North", "South", "East", "West", "Central", "Coast", "Highlands", "Valley")
