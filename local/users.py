"""The local stack's users: one of each role, in the real user pool of the deployed stack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from holdfast.domain.caller import PLATFORM_ADMIN

PASSWORD = "Holdfast-local-1!"  # of a pool that lives on this machine only


def demo(business: str) -> dict[str, dict[str, str]]:
    """Name, password and role group of each demo user."""
    groups = {"staff": f"{business}:staff", "admin": f"{business}:admin", "platform": PLATFORM_ADMIN}
    return {
        name: {"username": f"{name}@holdfast.example", "password": PASSWORD, "group": groups.get(name, "")}
        for name in ("alice", "bob", "staff", "admin", "platform")
    }


def create(cognito: Any, pool: str, users: Mapping[str, Mapping[str, str]]) -> None:
    """Create the users and their groups; those that exist stay as they are."""
    for user in users.values():
        add(cognito, pool, user["username"], user["password"], [user["group"]] if user["group"] else [])


def add(cognito: Any, pool: str, username: str, password: str, groups: Iterable[str] = ()) -> None:
    """One user with a permanent password, in these groups."""
    try:
        cognito.admin_create_user(
            UserPoolId=pool,
            Username=username,
            MessageAction="SUPPRESS",
            UserAttributes=[
                {"Name": "email", "Value": username},
                {"Name": "email_verified", "Value": "true"},
            ],
        )
    except cognito.exceptions.UsernameExistsException:
        return
    cognito.admin_set_user_password(UserPoolId=pool, Username=username, Password=password, Permanent=True)
    for group in groups:
        with suppress(cognito.exceptions.GroupExistsException):
            cognito.create_group(UserPoolId=pool, GroupName=group)
        cognito.admin_add_user_to_group(UserPoolId=pool, Username=username, GroupName=group)


def sign_in(cognito: Any, client_id: str, username: str, password: str) -> str:
    """An access token."""
    answer = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": username, "PASSWORD": password},
    )
    token: str = answer["AuthenticationResult"]["AccessToken"]
    return token
