"""A domain controller of Active Directory, as its administrator sees it: Samba."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from ferrule.wire.ldap_connection import ldap3, trust

BASE = "DC=corp,DC=example,DC=test"
BRANCH = f"OU=Branch,{BASE}"
HOST = "dc1.corp.example.test"
PASSWORD = "Passw0rd!branch"


def authority(started: Mapping[str, Any]) -> str:
    """The certificate of the authority that the controller made for itself."""
    return Path(started["ca_file"]).read_text("utf-8")


@contextmanager
def reached(ca_file: Path) -> Iterator[None]:
    """The controller is known by the name in its certificate, and that is trusted."""
    real = socket.getaddrinfo

    def found(host: Any, *rest: Any, **more: Any) -> Any:
        return real("127.0.0.1" if str(host).lower() == HOST else host, *rest, **more)

    with patch.object(socket, "getaddrinfo", found), patch.dict(os.environ, SSL_CERT_FILE=str(ca_file)):
        trust.cache_clear()
        yield
    trust.cache_clear()


class Domain:
    """What an administrator does by hand."""

    def __init__(self, credential: Mapping[str, str]) -> None:
        server = ldap3.Server(HOST, 636, use_ssl=True, get_info=ldap3.NONE)
        self.ldap: Any = ldap3.Connection(server, credential["upn"], credential["password"], auto_bind=True, check_names=False)

    def done(self, answer: bool) -> None:
        """Hold that the last thing was done."""
        assert answer, self.ldap.result

    def unit(self, name: str) -> None:
        self.done(self.ldap.add(name, "organizationalUnit"))

    def user(self, name: str, login: str, **attributes: str) -> None:
        """A user with a password, who may sign in."""
        given = {"sAMAccountName": login, "userAccountControl": "512", "unicodePwd": f'"{PASSWORD}"'.encode("utf-16-le"), **attributes}
        self.done(self.ldap.add(name, ["top", "person", "organizationalPerson", "user"], given))

    def group(self, name: str, login: str, members: list[str], **attributes: str) -> None:
        given = {"sAMAccountName": login, **attributes}
        self.done(self.ldap.add(name, ["top", "group"], given))
        for start in range(0, len(members), 500):
            self.done(self.ldap.modify(name, {"member": [(ldap3.MODIFY_ADD, members[start : start + 500])]}))

    def change(self, name: str, **attributes: str) -> None:
        self.done(self.ldap.modify(name, {key: [(ldap3.MODIFY_REPLACE, [value])] for key, value in attributes.items()}))

    def signs_in(self, name: str) -> None:
        """A user signs in, which is noted."""
        server = ldap3.Server(HOST, 636, use_ssl=True, get_info=ldap3.NONE)
        for _ in range(10):  # a controller just started takes a moment until it knows a new password
            connection = ldap3.Connection(server, name, PASSWORD)
            if connection.bind():
                connection.unbind()
                return
            time.sleep(0.5)
        raise AssertionError(connection.result)

    def remove(self, name: str) -> None:
        """An entry, with all below it."""
        self.done(self.ldap.delete(name, controls=[("1.2.840.113556.1.4.805", True, None)]))  # LDAP_SERVER_TREE_DELETE_OID

    def close(self) -> None:
        self.ldap.unbind()


@contextmanager
def opened(credential: Mapping[str, str]) -> Iterator[Domain]:
    domain = Domain(credential)
    try:
        yield domain
    finally:
        domain.close()


@contextmanager
def branch(credential: Mapping[str, str]) -> Iterator[Domain]:
    """A branch office: nine users in two units, groups within groups three deep, one with everybody in it, a computer and a
    managed service account."""
    with opened(credential) as domain:
        try:
            _furnish(domain)
            yield domain
        finally:
            domain.remove(BRANCH)


def _furnish(domain: Domain) -> None:
    for unit in (BRANCH, f"OU=People,{BRANCH}", f"OU=Guests,{BRANCH}"):
        domain.unit(unit)
    people = [f"CN=Person {number},OU=People,{BRANCH}" for number in range(1, 6)]
    for number, name in enumerate(people, 1):
        more = {"givenName": "Person", "sn": str(number), "displayName": f"Person {number}", "mail": f"person{number}@example.test"}
        domain.user(name, f"person{number}", userPrincipalName=f"person{number}@corp.example.test", **more)
    domain.user(f"CN=Ünal\\, Zoë,OU=People,{BRANCH}", "zoe", givenName="Zoë", sn="Ünal", department="R&D", title="Lead", employeeID="E17")
    domain.user(f"CN=Smith\\, John \\+ Son,OU=Guests,{BRANCH}", "john", givenName="John", sn="Smith", manager=people[0])
    domain.user(f"CN=svc-backup,OU=Guests,{BRANCH}", "svc-backup", servicePrincipalName="backup/branch.corp.example.test")
    domain.user(f"CN=Gone,OU=Guests,{BRANCH}", "gone", accountExpires="133444736000000000")
    domain.change(f"CN=Gone,OU=Guests,{BRANCH}", userAccountControl="66050")  # disabled, and a password without end
    domain.signs_in("person1@corp.example.test")
    domain.group(f"CN=Inner,{BRANCH}", "BranchInner", [people[2], f"CN=Ünal\\, Zoë,OU=People,{BRANCH}"], description="The innermost")
    domain.group(f"CN=Middle,{BRANCH}", "BranchMiddle", [people[1], f"CN=Inner,{BRANCH}"])
    domain.group(f"CN=Outer (all),{BRANCH}", "BranchOuter", [people[0], f"CN=Middle,{BRANCH}"])
    domain.group(f"CN=Everybody,{BRANCH}", "BranchEverybody", [f"CN=Domain Users,CN=Users,{BASE}"])
    secret = {"unicodePwd": f'"{PASSWORD}"'.encode("utf-16-le")}
    computer = {"sAMAccountName": "BRANCHPC$", "userAccountControl": "4096", "dNSHostName": "branchpc.corp.example.test", **secret}
    domain.done(domain.ldap.add(f"CN=BRANCHPC,{BRANCH}", ["top", "person", "organizationalPerson", "user", "computer"], computer))
    domain.signs_in(f"CN=BRANCHPC,{BRANCH}")
    managed = {"sAMAccountName": "gmsa-web$", "userAccountControl": "4098", "msDS-ManagedPasswordInterval": "30"}
    kinds = ["top", "person", "organizationalPerson", "user", "computer", "msDS-GroupManagedServiceAccount"]
    domain.done(domain.ldap.add(f"CN=gmsa-web,{BRANCH}", kinds, managed))
    time.sleep(1.1)  # changes are told by the second
    domain.change(f"CN=gmsa-web,{BRANCH}", description="The web server")


_MANY = """
import sys
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB

settings = LoadParm()
settings.load(sys.argv[1])
database, count = SamDB(settings.private_path("sam.ldb"), session_info=system_session(settings), lp=settings), int(sys.argv[2])
unit = "OU=Many," + database.domain_dn()
names = [f"CN=Member {number},{unit}" for number in range(count)]
making = sys.argv[3] == "make"
if making:
    database.add({"dn": unit, "objectClass": "organizationalUnit"})
else:
    database.delete("CN=Many," + unit)  # before its members, or each would be looked for in it
for start in range(0, count, 500):  # a larger transaction takes longer for each
    database.transaction_start()
    for number in range(start, min(start + 500, count)):
        if making:
            database.add({"dn": names[number], "objectClass": "user", "sAMAccountName": f"many{number}"})
        else:
            database.delete(names[number])
    database.transaction_commit()
if making:
    database.add({"dn": f"CN=Many,{unit}", "objectClass": "group", "sAMAccountName": "ManyMembers", "member": names})
else:
    database.delete(unit)
"""
MANY = f"OU=Many,{BASE}"


@contextmanager
def many(ca_file: Path, count: int) -> Iterator[None]:
    """A group with so many members, in a unit of its own: written into the database, which takes a minute and not ten."""
    settings = ca_file.parents[2] / "etc" / "smb.conf"
    run = ["/usr/bin/python3", "-c", _MANY, str(settings), str(count)]
    subprocess.run([*run, "make"], check=True, timeout=400)
    try:
        yield
    finally:
        subprocess.run([*run, "remove"], check=True, timeout=400)
