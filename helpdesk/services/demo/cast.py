"""Who works at the demo's desks, and who asks them for help."""

from dataclasses import dataclass

from helpdesk.domain.people import Role


@dataclass(frozen=True, slots=True)
class Player:
    """A person of the demo. `place` is "Company/Site" for customers."""

    name: str
    email: str
    role: Role
    job_title: str
    place: str = ""
    phone: str = ""
    is_company_manager: bool = False


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo organization."""

    slug: str
    name: str
    prefix: str
    timezone: str
    players: tuple[Player, ...]
    teams: dict[str, tuple[str, tuple[str, ...]]]  # name -> strategy, first names
    categories: dict[str, tuple[str, str, str]]  # name -> team, colour, description
    sites: dict[str, tuple[tuple[str, str], ...]]  # company -> (site, address)
    holidays: dict[str, str]


A, C = Role.AGENT, Role.CUSTOMER

ACME = Demo(
    slug="acme",
    name="Acme Support",
    prefix="ACME",
    timezone="Europe/Berlin",
    players=(
        Player("Olivia Osei", "owner@acme.example", Role.SUPERADMIN, "Managing director", phone="+49 30 5550 100"),
        Player("Adam Novak", "admin@acme.example", Role.ADMIN, "Desk administrator", phone="+49 30 5550 101"),
        Player("Max Brandt", "max@acme.example", Role.MANAGER, "Head of support", phone="+49 30 5550 110"),
        Player("Xenia Laurent", "xenia@acme.example", Role.EXECUTIVE, "Chief operating officer"),
        Player("Tom Okafor", "tom@acme.example", Role.TECHNICIAN, "Field technician", phone="+49 170 5550 21"),
        Player("Ada Lindqvist", "ada@acme.example", A, "Support agent", phone="+49 30 5550 121"),
        Player("Ben Hartmann", "ben@acme.example", A, "Support agent", phone="+49 30 5550 122"),
        Player("Chiara Rossi", "chiara@acme.example", A, "Support agent", phone="+49 30 5550 123"),
        Player("Deniz Yilmaz", "deniz@acme.example", A, "Network engineer", phone="+49 30 5550 131"),
        Player("Ewa Kowalska", "ewa@acme.example", A, "Systems engineer", phone="+49 30 5550 132"),
        Player("Finn Sørensen", "finn@acme.example", A, "Device specialist", phone="+49 30 5550 141"),
        Player("Grace Mbeki", "grace@acme.example", A, "Customer care", phone="+49 30 5550 151"),
        Player("Rita Fischer", "rita@northwind.example", C, "Office manager", "Northwind Trading/Hamburg", "+49 40 5550 301"),
        Player("Carl Jensen", "carl@northwind.example", C, "Head of administration", "Northwind Trading/Hamburg", "+49 40 5550 300", True),
        Player("Paula Weber", "paula@northwind.example", C, "Purchasing", "Northwind Trading/Bremen"),
        Player("Henrik Vogel", "henrik@northwind.example", C, "Warehouse lead", "Northwind Trading/Bremen", "+49 421 5550 33"),
        Player("Dr. Amira Haddad", "amira@brightwater.example", C, "Physician", "Brightwater Clinics/Berlin Mitte"),
        Player("Lukas Maier", "lukas@brightwater.example", C, "Practice manager", "Brightwater Clinics/Berlin Mitte", "", True),
        Player("Sofia Petrova", "sofia@brightwater.example", C, "Reception", "Brightwater Clinics/Potsdam"),
        Player("Jonas Halden", "jonas@halden.example", C, "Owner", "Halden Logistics/Leipzig", "+49 341 5550 10", True),
        Player("Mia Schulz", "mia@halden.example", C, "Dispatcher", "Halden Logistics/Leipzig"),
        Player("Noah Bauer", "noah@halden.example", C, "Fleet manager", "Halden Logistics/Dresden"),
        Player("Iris van Dijk", "iris@lumen.example", C, "Art director", "Lumen Studio/Kreuzberg"),
        Player("Theo Martin", "theo@lumen.example", C, "Producer", "Lumen Studio/Kreuzberg", "", True),
        Player("Zoe Adler", "zoe@adler-consulting.example", C, "Consultant"),
    ),
    teams={
        "Service desk": ("round_robin", ("Ada", "Ben", "Chiara", "Max")),
        "Infrastructure": ("least_loaded", ("Deniz", "Ewa")),
        "Devices": ("round_robin", ("Finn", "Tom", "Ada")),
        "Customer care": ("manual", ("Grace", "Max")),
    },
    categories={
        "Accounts & sign-in": ("Service desk", "blue", "Passwords, second factor, access rights"),
        "E-mail & calendar": ("Service desk", "teal", "Mailboxes, calendars, suspicious mail"),
        "Hardware": ("Devices", "amber", "Laptops, screens, docking stations"),
        "Printing": ("Devices", "orange", "Printers, scanners, labels"),
        "Network & VPN": ("Infrastructure", "violet", "Wi-Fi, lines, working from home"),
        "Servers & storage": ("Infrastructure", "gray", "Team drives, backup, business applications"),
        "Software & licences": ("Service desk", "green", "Programs, updates, licences"),
        "Phones & meetings": ("Service desk", "pink", "Telephony, headsets, meeting rooms"),
        "Security": ("Infrastructure", "red", "Losses, incidents, anything that feels wrong"),
        "Billing & contracts": ("Customer care", "amber", "Invoices, offers, contracts"),
        "Onboarding & leavers": ("Service desk", "teal", "People who come and go"),
        "Questions & feedback": ("Customer care", "gray", "How-to, praise and complaints"),
    },
    sites={
        "Northwind Trading": (("Hamburg", "Am Sandtorkai 50, 20457 Hamburg"), ("Bremen", "Hafenstraße 12, 28217 Bremen")),
        "Brightwater Clinics": (("Berlin Mitte", "Invalidenstraße 91, 10115 Berlin"), ("Potsdam", "Lindenstraße 4, 14467 Potsdam")),
        "Halden Logistics": (("Leipzig", "Messe-Allee 2, 04356 Leipzig"), ("Dresden", "Königsbrücker Straße 96, 01099 Dresden")),
        "Lumen Studio": (("Kreuzberg", "Oranienstraße 25, 10999 Berlin"),),
    },
    holidays={"10-03": "Day of German Unity", "12-25": "Christmas Day", "12-26": "St Stephen's Day", "01-01": "New Year", "05-01": "Labour Day"},
)  # fmt: skip

GLOBEX = Demo(
    slug="globex",
    name="Globex Service Desk",
    prefix="GLOBEX",
    timezone="America/New_York",
    players=(
        Player("Nora Whitfield", "owner@globex.example", Role.SUPERADMIN, "Director of internal services"),
        Player("Sam Ortega", "sam@globex.example", Role.MANAGER, "Service desk manager"),
        Player("Ken Tanaka", "ken@globex.example", A, "IT support"),
        Player("Lena Fox", "lena@globex.example", A, "IT support"),
        Player("Bill Hadley", "bill@globex.example", A, "Facilities"),
        Player("Joy Abara", "joy@globex.example", A, "People team"),
        Player("Victor Stone", "victor@globex.example", C, "Design engineer", "Globex Research/Albany"),
        Player("Hana Kim", "hana@globex.example", C, "Accountant", "Globex Headquarters/New York"),
        Player("Peter Novak", "peter@globex.example", C, "Sales", "Globex Headquarters/New York", "", True),
        Player("Eliza Grant", "eliza@globex.example", C, "Chemist", "Globex Research/Albany"),
    ),
    teams={
        "IT desk": ("round_robin", ("Ken", "Lena")),
        "Facilities": ("round_robin", ("Bill",)),
        "People team": ("manual", ("Joy", "Sam")),
    },
    categories={
        "IT equipment": ("IT desk", "blue", "Laptops, phones, accessories"),
        "Applications": ("IT desk", "violet", "Time sheet, intranet, orders"),
        "Building & facilities": ("Facilities", "orange", "Rooms, heating, badges, parking"),
        "HR & payroll": ("People team", "green", "Pay, leave, personal data"),
        "Travel & expenses": ("People team", "teal", "Trips, cards, receipts"),
    },
    sites={
        "Globex Headquarters": (("New York", "415 Lexington Avenue, New York, NY 10017"),),
        "Globex Research": (("Albany", "1 Science Park, Albany, NY 12203"),),
    },
    holidays={"07-04": "Independence Day", "12-25": "Christmas Day", "01-01": "New Year", "11-11": "Veterans Day"},
)  # fmt: skip
