"""All finders together, for who reads notes.

Not in the package's ``__init__``: compiling their patterns takes half a second, and whoever needs
one small module of the package, as all that handles patients does, would pay it.
"""

from deid.recognizers.addresses import find_addresses
from deid.recognizers.addresses_abroad import find_addresses_abroad
from deid.recognizers.ages import find_ages
from deid.recognizers.bare_codes import find_bare_codes
from deid.recognizers.contact import find_contacts
from deid.recognizers.cut_addresses import find_cut_addresses
from deid.recognizers.devices import find_devices
from deid.recognizers.firms import find_firms
from deid.recognizers.foreign import find_foreign
from deid.recognizers.form_fields import find_form_fields
from deid.recognizers.handles import find_handles
from deid.recognizers.hospitals import find_hospitals
from deid.recognizers.identifiers import find_identifiers
from deid.recognizers.known_institutions import find_known_institutions
from deid.recognizers.labelled import find_labelled
from deid.recognizers.labelled_institutions import find_labelled_institutions
from deid.recognizers.listed import find_listed
from deid.recognizers.named_bodies import find_named_bodies
from deid.recognizers.names import find_names
from deid.recognizers.place_cues import find_by_cue
from deid.recognizers.postcode_lines import find_postcode_lines
from deid.recognizers.streets import find_streets
from deid.recognizers.towns import find_towns

__all__ = [
    "find_addresses",
    "find_addresses_abroad",
    "find_ages",
    "find_bare_codes",
    "find_by_cue",
    "find_contacts",
    "find_cut_addresses",
    "find_devices",
    "find_firms",
    "find_foreign",
    "find_form_fields",
    "find_handles",
    "find_hospitals",
    "find_identifiers",
    "find_known_institutions",
    "find_labelled",
    "find_labelled_institutions",
    "find_listed",
    "find_named_bodies",
    "find_names",
    "find_postcode_lines",
    "find_streets",
    "find_towns",
]
