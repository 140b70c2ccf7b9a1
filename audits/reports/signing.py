"""A bundle's signature: Ed25519 over its manifest, which names the hash of every other file.

The keys are the user's. A private key is read from PEM (PKCS 8) or OpenSSH's own form, as
`ssh-keygen -t ed25519` or `openssl genpkey -algorithm ed25519` writes it, a public one from PEM or a line
of OpenSSH's. MANIFEST.sig holds the signature with the public key that made it; that key says nothing of who
signed until it is compared with one that came another way.
"""

import base64
import json
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from audits.reports.bundle import MANIFEST, SIGNATURE
from audits.reports.schema import canonical
from audits.store import StoreError

ALGORITHM = "Ed25519"
#: What is signed begins with this, so that no signature of another thing can stand for one of a report.
PURPOSE = b"assay-bundle/1\n"
#: OpenSSH's private keys name themselves so.
_OPENSSH = b"-----BEGIN OPENSSH PRIVATE KEY-----"


def sign(folder: Path, key: Path, ask: Callable[[], bytes] | None = None) -> str:
    """Signs a bundle's manifest and returns the public key, as a line of OpenSSH's.

    `ask` gives the passphrase of a key that has one. Raises StoreError for a key or folder that is none.
    """
    private = _private(key, ask)
    manifest = _read(folder / MANIFEST, "is no report")
    public = _line(private.public_key())
    content = {
        "algorithm": ALGORITHM,
        "public_key": public,
        "signature": base64.b64encode(private.sign(PURPOSE + manifest)).decode(),
    }
    try:
        (folder / SIGNATURE).write_bytes(canonical(content))
    except OSError as problem:
        raise StoreError(f"The signature cannot be written to {folder}: {problem.strerror}.") from None
    return public


def signer(folder: Path) -> str | None:
    """The public key whose signature of the manifest holds, as a line of OpenSSH's; None without a signature.

    Raises StoreError for a signature that does not hold: the manifest was changed, or never signed so.
    """
    try:
        data = (folder / SIGNATURE).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise StoreError(f"{folder / SIGNATURE} cannot be read: {problem.strerror}.") from None
    try:
        content = json.loads(data)
        if content["algorithm"] != ALGORITHM:
            raise ValueError("another algorithm")
        public = _ed25519(serialization.load_ssh_public_key(content["public_key"].encode()))
        signature = base64.b64decode(content["signature"], validate=True)
    except (ValueError, KeyError, TypeError, AttributeError, UnsupportedAlgorithm, RecursionError):
        raise StoreError(f"{SIGNATURE} is no signature of Assay's.") from None
    try:
        public.verify(signature, PURPOSE + _read(folder / MANIFEST, "is no report"))
    except InvalidSignature:
        raise StoreError(f"The signature does not hold: {MANIFEST} is not what was signed.") from None
    return _line(public)


def public_key(path: Path) -> str:
    """A public key of the user's, as a line of OpenSSH's. Raises StoreError."""
    data = _read(path, "cannot be read")
    try:
        pem = data.lstrip().startswith(b"-----BEGIN")
        load = serialization.load_pem_public_key if pem else serialization.load_ssh_public_key
        return _line(_ed25519(load(data.strip() + b"\n")))
    except (ValueError, UnsupportedAlgorithm):
        raise StoreError(f"{path} is no Ed25519 public key. Give PEM or a .pub of ssh-keygen.") from None


def _private(path: Path, ask: Callable[[], bytes] | None) -> Ed25519PrivateKey:
    data = _read(path, "cannot be read")
    openssh = data.lstrip().startswith(_OPENSSH)
    load = serialization.load_ssh_private_key if openssh else serialization.load_pem_private_key
    passphrase = None
    for _ in range(2):
        try:
            key = load(data, passphrase)
        except TypeError:  # it has a passphrase, and none was given
            if ask is None or passphrase is not None:
                raise StoreError(f"{path} has a passphrase. Sign where you can be asked for it.") from None
            passphrase = ask()
        except (ValueError, UnsupportedAlgorithm):
            said = "its passphrase is another, or it is" if passphrase else "it is"
            raise StoreError(
                f"{path} cannot be used: {said} no private key. Make one: ssh-keygen -t ed25519"
            ) from None
        else:
            if isinstance(key, Ed25519PrivateKey):
                return key
            raise StoreError(f"{path} is a key of another kind. Make one with: ssh-keygen -t ed25519")
    raise StoreError(f"{path} cannot be used: its passphrase is another.")


def _ed25519(key: object) -> Ed25519PublicKey:
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("a key of another kind")
    return key


def _line(key: Ed25519PublicKey) -> str:
    form = serialization.PublicFormat.OpenSSH
    return key.public_bytes(serialization.Encoding.OpenSSH, form).decode()


def _read(path: Path, otherwise: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise StoreError(f"{path} {otherwise}: {problem.strerror}.") from None
