"""Words in names of projects that do not tell one project from another.

In English, Spanish, Portuguese and French, folded: lower case, without diacritics. Words for what a
project does say of which kind it is; two kinds at one place are two projects.
"""

from __future__ import annotations

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PHRASES: Final = {
    "blue carbon": "mangrove",
    "carbono azul": "mangrove",
    "carbone bleu": "mangrove",
    "clean cooking": "stove",
    "cook stove": "stove",
    "cook stoves": "stove",
    "coal mine": "mine",
    "ventilation air methane": "mine",
    "run of river": "hydro",
    "run of the river": "hydro",
    "avoided deforestation": "redd",
    "avoided conversion": "redd",
    "forest conservation": "redd",
    "improved forest management": "ifm",
    "waste heat": "heat",
    "waste water": "biogas",
    "aguas residuales": "biogas",
    "aguas residuais": "biogas",
    "enhanced rock weathering": "weathering",
    "enhanced weathering": "weathering",
    "direct air capture": "capture",
    "bio oil": "biooil",
    "nitric acid": "n2o",
    "adipic acid": "n2o",
    "natural gas": "fuel",
    "electric mobility": "transport",
    "movilidad electrica": "transport",
}
"""Several words that together say the kind."""

STEMS: Final = {
    "hydro": "hydro", "hidro": "hydro", "hidre": "hydro", "pch": "hydro",
    "wind": "wind", "windfarm": "wind", "eolic": "wind", "eolie": "wind",
    "solar": "solar", "photovolt": "solar", "fotovolt": "solar", "pv": "solar",
    "geotherm": "geothermal", "geoterm": "geothermal",
    "bagasse": "biomass", "bagazo": "biomass", "biomass": "biomass", "biomas": "biomass",
    "landfill": "landfill", "lfg": "landfill", "relleno": "landfill", "aterro": "landfill",
    "vertedero": "landfill",
    "biogas": "biogas", "biodigest": "biogas", "wastewater": "biogas", "manure": "biogas",
    "effluent": "biogas", "biometh": "biogas",
    "cookstove": "stove", "stove": "stove", "cooking": "stove", "estufa": "stove",
    "fogoes": "stove", "fogao": "stove", "cocina": "stove", "foyer": "stove",
    "water": "water", "agua": "water", "borehole": "water", "eau": "water",
    "redd": "redd", "deforest": "redd",
    "reforest": "trees", "afforest": "trees", "reflorest": "trees", "agrofor": "trees",
    "agroflor": "trees", "arr": "trees", "revegetat": "trees", "treeplant": "trees",
    "ifm": "ifm",
    "mangrov": "mangrove", "manglar": "mangrove", "mangue": "mangrove", "seagrass": "mangrove",
    "peat": "peat", "turba": "peat",
    "cmm": "mine", "vam": "mine", "mina": "mine", "mine": "mine",
    "biochar": "char", "biocarb": "char", "biocarvao": "char",
    "cement": "cement", "clinker": "cement", "geopolymer": "cement",
    "ods": "gases", "hfc": "gases", "refrigera": "gases", "halon": "gases",
    "n2o": "n2o", "rice": "rice", "arroz": "rice",
    "grassland": "soil", "grazing": "soil", "pastur": "soil",
    "metro": "transport", "transport": "transport", "mobility": "transport",
    "emobilit": "transport", "brt": "transport",
    "compost": "compost", "recycl": "recycling", "recicla": "recycling",
    "lighting": "lighting", "lamp": "lighting", "weathering": "weathering",
}  # fmt: skip
"""Beginnings of words that say the kind, or whole words where shorter than five letters."""

METHODS: Final = {
    "ACM0001": "landfill", "AMSIIIG": "landfill",
    "ACM0002": "hydro wind solar geothermal", "AMSID": "hydro wind solar geothermal",
    "AMSIF": "hydro wind solar biogas", "AMSIA": "solar wind hydro lighting",
    "AMSIC": "biogas biomass", "ACM0006": "biomass", "ACM0018": "biomass",
    "AMSIIIH": "biogas", "AMSIIID": "biogas", "AMSIIIR": "biogas", "ACM0014": "biogas",
    "ACM0010": "biogas", "AMSIIIF": "compost", "ACM0022": "compost landfill",
    "AMSIIG": "stove", "VMR0006": "stove", "VM0050": "stove", "AMSIE": "stove",
    "AMSIIIAV": "water", "VM0007": "redd mangrove peat", "VM0048": "redd", "VM0006": "redd",
    "VM0009": "redd", "VM0015": "redd", "VM0037": "redd", "VM0010": "ifm", "VM0012": "ifm",
    "VM0045": "ifm", "VM0003": "ifm", "VM0005": "ifm",
    "ARACM0003": "trees", "VM0047": "trees", "ARAMS0007": "trees", "ARACM0001": "trees",
    "VM0033": "mangrove", "ARAM0014": "mangrove", "ARAMS0003": "mangrove", "VM0044": "char",
    "ACM0008": "mine", "VM0042": "soil", "VM0017": "soil", "VM0026": "soil", "VM0051": "rice",
    "ACM0005": "cement", "VMR0012": "cement", "VM0038": "transport", "AMSIIIC": "transport",
    "ACM0012": "heat",
}  # fmt: skip
"""Methodologies, letters and digits of their codes only, of which the kinds are known."""

MARKS: Final = {
    "north": "n", "northern": "n", "norte": "n", "nord": "n",
    "south": "s", "southern": "s", "sur": "s", "sul": "s", "sud": "s",
    "east": "e", "eastern": "e", "este": "e", "leste": "e", "oriental": "e", "oriente": "e",
    "west": "w", "western": "w", "oeste": "w", "ouest": "w", "occidental": "w",
    "upper": "up", "alto": "up", "alta": "up", "superior": "up", "haut": "up", "haute": "up",
    "lower": "low", "bajo": "low", "baja": "low", "baixo": "low", "baixa": "low", "bas": "low",
    "new": "new", "nuevo": "new", "nueva": "new", "novo": "new", "nova": "new", "nouveau": "new",
    "minor": "min", "menor": "min", "chico": "min", "petit": "min", "little": "min",
    "major": "maj", "mayor": "maj", "maior": "maj", "great": "maj", "greater": "maj",
}  # fmt: skip
"""Words that tell neighbours apart, as numbers do; what different languages say is one mark."""

NUMBERED: Final = _words(
    "phase fase etapa stage unit unidad unidade unite part parte no num number numero nr vpa cpa "
    "rvpa lot lote block bloque instance tranche component componente"
)
"""Words before a number; a single capital I, V or X behind them is one, too."""

AREAS: Final = _words(
    "region province provincia district distrito departamento department state estado zone zona "
    "county area municipality municipio prefecture"
)
"""Words that make a direction in front of them the name of an area."""

WEAK: Final = _words(
    "san santa santo sao saint st sri rio river lago lake laguna lagoa mount monte mt monts cerro "
    "serra sierra valle valley vale puerto porto port fort grand bukit tan isla island ilha cabo "
    "playa praia villa vila central centro coast costa highlands forest forestal bosque bosques "
    "floresta florestal"
)
"""Words that many places have in their names: they tell them apart, but little."""

COMMON: Final = _words(
    "a an and or of the in on at by for from to with near into through de del la las el los y e en "
    "por para con sin du des le les et au aux da do das dos em no na nos nas com o os as um uma un "
    "una project projects proyecto proyectos projeto projetos projet programme program programa "
    "programas activity activities initiative iniciativa grouped bundled bundle grupo agrupado "
    "asociativo programatico poa small large scale medium "
    "plant plants planta plantas station central centrales farm farms park parks parque parques "
    "parc usina granja complejo complexo facility facilities site sites power energy energia "
    "electric electrica electrical electricity generation generacion geracao generator grid "
    "connected captive renewable renewables renovable clean sustainable sustentable sostenible "
    "gas gases methane metano captura capture capturing recovery recuperacion utilisation "
    "utilization use uso flaring destruction avoidance avoided reduction reductions emission "
    "emissions emisiones ghg greenhouse mitigation mitigacion climate climatico change cambio "
    "carbon carbono co2 removal removals sequestration storage offset offsets credits bonos "
    "improved efficient efficiency eficiente eficientes melhorados mejoradas household households "
    "hogares domestic community communities comunidad comunidades comunitario village "
    "villages rural access safe segura seguro supply drinking filter filters filtros "
    "rehabilitation restoration restoring restauracion restauracao restaurando conservation "
    "conservacion conservacao protection degraded degradadas degradados land lands tierras suelos "
    "terras farmers farming farmer agricultores commercial comercial sanitary sanitario management "
    "manejo gestion mill based scheme development desarrollo region province provincia district "
    "distrito state estado zone zona area municipality republic united federative bolivarian "
    "plurinational democratic people s "
    "phase fase etapa stage unit unidad unidade part parte num number numero nr vpa cpa rvpa "
    "instance component componente"
)
"""Words that say nothing about which project it is."""

FORMS: Final = _words(
    "inc incorporated llc ltd limited ltda limitada plc corp corporation co company cia companhia "
    "compania sa sas sac srl spa sarl bv nv ag gmbh kg oy ab as pty pvt private pte jsc tbk pt cv "
    "bhd sdn bic esp eirl anonima sociedad sociedade societe group grupo holding holdings "
    "joint stock the and de of y e"
)
"""Legal forms of companies, and what else their names leave out now and then."""

NOBODY: Final = frozenset({"multiple proponents", "multiple", "various", "not available"})
"""What stands in place of a developer's name where there are several or none."""
