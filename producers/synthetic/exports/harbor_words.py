"""Harbor City's words for our codes: what its export writes, and its mapping translates back."""

from __future__ import annotations

SEX = {"M": "Male", "F": "Female"}
RACE = {"W": "White", "B": "Black", "I": "American Indian", "A": "Asian",
        "P": "Pacific Islander", "U": "Unknown"}  # fmt: skip
ETHNICITY = {"H": "Hispanic", "N": "Not Hispanic", "U": "Unknown"}
HAIR = {"BLK": "Black", "BRO": "Brown", "BLN": "Blond", "RED": "Red", "SDY": "Sandy",
        "GRY": "Gray", "WHI": "White", "BLD": "Bald", "BLU": "Blue", "PNK": "Pink",
        "PLE": "Purple", "GRN": "Green", "ONG": "Orange", "XXX": "Unknown"}  # fmt: skip
EYES = {"BRO": "Brown", "BLU": "Blue", "HAZ": "Hazel", "GRN": "Green", "GRY": "Gray",
        "MUL": "Two colors", "BLK": "Black"}  # fmt: skip
COMPLEXION = {"FAR": "Fair", "LGT": "Light", "MED": "Medium", "RUD": "Ruddy", "OLV": "Olive",
              "DBR": "Dark brown", "MBR": "Medium brown", "DRK": "Dark",
              "LBR": "Light brown"}  # fmt: skip
BUILD = {"THIN": "Thin", "SLIM": "Slim", "MEDIUM": "Medium", "STOCKY": "Stocky",
         "HEAVY": "Heavy", "OBESE": "Obese", "MUSCULAR": "Muscular"}  # fmt: skip
COLOUR = {"BLK": "Black", "WHI": "White", "GRY": "Gray", "SIL": "Silver", "BLU": "Blue",
          "RED": "Red", "DBL": "Navy", "GRN": "Green", "TAN": "Tan", "BRO": "Brown",
          "GLD": "Gold", "MAR": "Maroon", "ONG": "Orange", "YEL": "Yellow", "LBL": "Light Blue",
          "DGR": "Dark Green", "PLE": "Purple", "BRZ": "Bronze"}  # fmt: skip
STYLE = {"PK": "Pickup", "LL": "SUV", "SW": "Wagon", "4D": "Sedan", "2D": "Coupe", "CP": "Sports",
         "VN": "Van", "2H": "Hatchback 2", "4H": "Hatchback", "MC": "Motorcycle"}  # fmt: skip
MAKE = {"FORD": "Ford", "CHEV": "Chevrolet", "TOYT": "Toyota", "HOND": "Honda", "NISS": "Nissan",
        "DODG": "Dodge", "JEEP": "Jeep", "MERZ": "Mercedes-Benz", "VOLK": "Volkswagen",
        "TESL": "Tesla", "HYUN": "Hyundai", "KIA": "Kia", "SUBA": "Subaru", "MAZD": "Mazda",
        "BMW": "BMW", "GMC": "GMC", "LEXS": "Lexus", "YAMA": "Yamaha",
        "HD": "Harley-Davidson"}  # fmt: skip
BASIS = {"probable_cause": "Probable Cause", "reasonable_suspicion": "Reasonable Suspicion",
         "encounter": "Encounter", "intel": "Intel"}  # fmt: skip
STATUS = {"open": "Open", "cleared_by_arrest": "Cleared by Arrest", "closed": "Closed",
          "unfounded": "Unfounded"}  # fmt: skip
RELATIONSHIP = {"stranger": "Stranger", "acquaintance": "Acquaintance", "spouse": "Spouse",
                "sibling": "Sibling", "neighbor": "Neighbor", "unknown": "Unknown"}  # fmt: skip
# Nobody measures a toddler: heights below three feet are left blank.
HEIGHT = tuple(f"{inches // 12}-{inches % 12}" if inches > 35 else "" for inches in range(100))
WEIGHT = tuple(str(pounds) for pounds in range(800))
COUNTRY = {"USA": "United States"}
VEHICLE_ROLE = {
    "suspect_vehicle": "Suspect",
    "stolen_vehicle": "Stolen",
    "victim_vehicle": "Victim",
}
SOURCE = {"officer_assessment": "Officer", "informant": "Informant"}
