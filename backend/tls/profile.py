"""The certificate of the authority as a configuration profile, which iOS offers to install."""

import plistlib
import uuid

from backend.tls.authority import Authority

_SPACE = uuid.UUID("6f0f7a0e-54c4-4b0a-9a3f-0d5c6f6e1a22")


def configuration_profile(authority: Authority) -> bytes:
    """A `.mobileconfig`; identifiers depend on the authority only, so that installing the profile again replaces it."""
    identity = uuid.uuid5(_SPACE, authority.fingerprint)
    certificate = {
        "PayloadType": "com.apple.security.root",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"studio.model.authority.{identity}",
        "PayloadUUID": str(uuid.uuid5(identity, "certificate")).upper(),
        "PayloadDisplayName": authority.name,
        "PayloadDescription": "Lets this device trust the Model Studio server in your own network.",
        "PayloadCertificateFileName": "ca.crt",
        "PayloadContent": authority.der,
    }
    profile = {
        "PayloadType": "Configuration",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"studio.model.profile.{identity}",
        "PayloadUUID": str(identity).upper(),
        "PayloadDisplayName": authority.name,
        "PayloadDescription": "The certificate of a Model Studio server. It is valid for private addresses and local names only.",
        "PayloadContent": [certificate],
    }
    return plistlib.dumps(profile)
