"""Signatures: keys as people have them, tampering, and keys that are another's."""

import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audits import commands
from audits.reports import bundle, gather, signing
from audits.store import Store, StoreError
from tests.audits import doubles

S = serialization
PLAIN = S.NoEncryption()


@pytest.fixture
def folder(tmp_path):
    store = Store(tmp_path / "audits.db")
    audit_id = store.create(doubles.plan(tests="casing@1"))
    doubles.work(audit_id, tmp_path / "audits.db", count=4)
    bundle.write(gather(store, audit_id), store, tmp_path / "report")
    return tmp_path / "report"


def keys(place, private_form=S.PrivateFormat.PKCS8, encryption=PLAIN, *, pem=True, name="key"):
    """A fresh pair of keys in files."""
    key = Ed25519PrivateKey.generate()
    private, public = place / name, place / f"{name}.pub"
    private.write_bytes(key.private_bytes(S.Encoding.PEM, private_form, encryption))
    forms = (
        (S.Encoding.PEM, S.PublicFormat.SubjectPublicKeyInfo),
        (S.Encoding.OpenSSH, S.PublicFormat.OpenSSH),
    )
    public.write_bytes(key.public_key().public_bytes(*forms[0 if pem else 1]))
    return private, public


@pytest.mark.parametrize("form", [S.PrivateFormat.PKCS8, S.PrivateFormat.OpenSSH])
@pytest.mark.parametrize("pem", [True, False])
def test_what_is_signed_verifies_with_keys_of_either_form(folder, tmp_path, capsys, form, pem):
    private, public = keys(tmp_path, form, pem=pem)
    assert commands.main(["sign", str(folder), "--key", str(private)]) == 0
    assert signing.signer(folder) == signing.public_key(public)
    capsys.readouterr()
    assert commands.main(["verify", str(folder), "--public-key", str(public)]) == 0
    assert "Signed with the key in" in capsys.readouterr().out


def test_another_key_no_signature_and_a_changed_manifest_are_told_apart(folder, tmp_path, capsys):
    private, public = keys(tmp_path)
    _, stranger = keys(tmp_path, name="stranger")

    def said(*more):
        code = commands.main(["verify", str(folder), *more])
        return code, capsys.readouterr().out

    code, out = said("--public-key", str(public))
    assert code == 3 and "✗ MANIFEST.sig: is missing: nobody signed this report" in out
    signing.sign(folder, private)
    code, out = said()
    assert code == 0 and "which says nothing of who that is" in out
    code, out = said("--public-key", str(stranger))
    assert code == 3 and "✗ MANIFEST.sig: is by another key" in out
    # A forger brings hashes in order, and cannot sign them.
    manifest = json.loads((folder / bundle.MANIFEST).read_bytes())
    manifest["files"]["report.html"]["bytes"] += 1
    (folder / bundle.MANIFEST).write_text(json.dumps(manifest))
    code, out = said("--public-key", str(public))
    assert code == 3 and "The signature does not hold: MANIFEST.json is not what was signed" in out
    (folder / bundle.SIGNATURE).write_text("{}")
    code, out = said("--public-key", str(public))
    assert code == 3 and "MANIFEST.sig is no signature" in out


def test_a_passphrase_is_asked_for_and_a_wrong_one_refused(folder, tmp_path):
    private, public = keys(tmp_path, encryption=S.BestAvailableEncryption(b"open"))
    assert signing.sign(folder, private, lambda: b"open") == signing.public_key(public)
    with pytest.raises(StoreError, match="passphrase is another"):
        signing.sign(folder, private, lambda: b"shut")
    with pytest.raises(StoreError, match="has a passphrase"):
        signing.sign(folder, private)


def test_keys_that_are_none_are_refused(folder, tmp_path):
    other = tmp_path / "other"
    elliptic = ec.generate_private_key(ec.SECP256R1())
    other.write_bytes(elliptic.private_bytes(S.Encoding.PEM, S.PrivateFormat.PKCS8, PLAIN))
    with pytest.raises(StoreError, match="another kind"):
        signing.sign(folder, other)
    other.write_text("not a key")
    with pytest.raises(StoreError, match="ssh-keygen -t ed25519"):
        signing.sign(folder, other)
    with pytest.raises(StoreError, match="no Ed25519 public key"):
        signing.public_key(other)
    with pytest.raises(StoreError, match="cannot be read"):
        signing.sign(folder, tmp_path / "nowhere")


def test_a_report_that_is_written_anew_loses_its_signature(folder, tmp_path):
    private, _ = keys(tmp_path)
    signing.sign(folder, private)
    store = Store(tmp_path / "audits.db")
    bundle.write(gather(store, json.loads((folder / bundle.MANIFEST).read_bytes())["audit"]), store, folder)
    assert signing.signer(folder) is None
