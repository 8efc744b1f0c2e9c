"""What must not be lost, and how it is found."""

from __future__ import annotations

import pytest

from tests.infra.synthesised import Properties, Synthesised
from tests.support.tables import CATALOG, EPHEMERAL, LEDGER


def _table(stage: Synthesised, name: str) -> Properties:
    return dict(stage.of_type("AWS::DynamoDB::GlobalTable")[name]["Properties"])


def _replica(stage: Synthesised, name: str) -> Properties:
    (replica,) = _table(stage, name)["Replicas"]
    return dict(replica)


def test_production_keeps_its_data_when_the_stack_goes(prod: Synthesised) -> None:
    kept = [
        *prod.of_type("AWS::DynamoDB::GlobalTable").values(),
        *prod.of_type("AWS::Cognito::UserPool").values(),
        *prod.of_type("AWS::SecretsManager::Secret").values(),
    ]
    assert len(kept) == 5
    for resource in kept:
        assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")
    for name in ("Ledger", "Catalog", "Ephemeral"):
        assert _replica(prod, name)["DeletionProtectionEnabled"] is True
    (pool,) = prod.of_type("AWS::Cognito::UserPool").values()
    assert pool["Properties"]["DeletionProtection"] == "ACTIVE"


def test_what_is_tried_out_leaves_nothing_behind(local: Synthesised, dev: Synthesised) -> None:
    for stage in (local, dev):
        for resource in (*stage.data["Resources"].values(), *stage.service["Resources"].values()):
            assert resource.get("DeletionPolicy", "Delete") == "Delete"
        for name in ("Ledger", "Catalog", "Ephemeral"):
            assert not _replica(stage, name).get("DeletionProtectionEnabled", False)


def test_every_table_has_the_same_key(any_stage: Synthesised) -> None:
    for name in ("Ledger", "Catalog", "Ephemeral"):
        assert _table(any_stage, name)["KeySchema"] == [
            {"AttributeName": "PK", "KeyType": "HASH"},
            {"AttributeName": "SK", "KeyType": "RANGE"},
        ]


def test_every_table_is_encrypted_and_paid_by_request(any_stage: Synthesised) -> None:
    for name in ("Ledger", "Catalog", "Ephemeral"):
        table = _table(any_stage, name)
        assert table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
        assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_only_the_ledger_has_a_stream_and_it_carries_both_images(any_stage: Synthesised) -> None:
    assert _table(any_stage, "Ledger")["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert "StreamSpecification" not in _table(any_stage, "Catalog")
    assert "StreamSpecification" not in _table(any_stage, "Ephemeral")


def test_ttl_takes_from_ledger_and_ephemeral_but_never_from_the_catalog(any_stage: Synthesised) -> None:
    for name in ("Ledger", "Ephemeral"):
        assert _table(any_stage, name)["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert "TimeToLiveSpecification" not in _table(any_stage, "Catalog")


def test_what_cannot_be_made_again_can_be_recovered_to_any_second(any_stage: Synthesised) -> None:
    for name in ("Ledger", "Catalog"):
        assert _replica(any_stage, name)["PointInTimeRecoverySpecification"] == {
            "PointInTimeRecoveryEnabled": True,
            "RecoveryPeriodInDays": any_stage.settings.recovery_days,
        }
    assert "PointInTimeRecoverySpecification" not in _replica(any_stage, "Ephemeral")


def test_production_recovers_from_as_far_back_as_aws_allows(prod: Synthesised) -> None:
    assert prod.settings.recovery_days == 35


@pytest.mark.parametrize(
    ("index", "partition", "sort"),
    [
        ("by_user", ("owner", "S"), ("start", "N")),
        ("by_business_day", ("businessDay", "S"), ("start", "N")),
        ("due", ("dueShard", "S"), ("due", "N")),
    ],
)
def test_the_ledger_is_found_by_an_index_that_holds_keys_only(
    any_stage: Synthesised, index: str, partition: tuple[str, str], sort: tuple[str, str]
) -> None:
    table = _table(any_stage, "Ledger")
    (found,) = (each for each in table["GlobalSecondaryIndexes"] if each["IndexName"] == index)
    assert found["KeySchema"] == [
        {"AttributeName": partition[0], "KeyType": "HASH"},
        {"AttributeName": sort[0], "KeyType": "RANGE"},
    ]
    assert found["Projection"] == {"ProjectionType": "KEYS_ONLY"}
    types = {each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]}
    assert (types[partition[0]], types[sort[0]]) == (partition[1], sort[1])


@pytest.mark.parametrize(
    ("name", "shape"), [("Ledger", LEDGER), ("Catalog", CATALOG), ("Ephemeral", EPHEMERAL)]
)
def test_the_tables_other_tests_run_on_have_the_deployed_keys_and_indexes(
    any_stage: Synthesised, name: str, shape: Properties
) -> None:
    table = _table(any_stage, name)
    deployed = {each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]}
    mirrored = {each["AttributeName"]: each["AttributeType"] for each in shape["AttributeDefinitions"]}
    assert mirrored == deployed
    assert shape["KeySchema"] == table["KeySchema"]
    assert shape.get("GlobalSecondaryIndexes") == table.get("GlobalSecondaryIndexes")
    assert shape["BillingMode"] == table["BillingMode"]


def test_passwords_are_sent_only_to_the_emulator(
    local: Synthesised, dev: Synthesised, prod: Synthesised
) -> None:
    def flows(stage: Synthesised) -> list[set[str]]:
        clients = stage.of_type("AWS::Cognito::UserPoolClient").values()
        return [set(client["Properties"]["ExplicitAuthFlows"]) for client in clients]

    assert flows(dev) == flows(prod) == [{"ALLOW_USER_SRP_AUTH"}] * 2
    everything = {"ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"}
    assert flows(local) == [everything] * 2


def test_refresh_tokens_rotate_and_can_be_revoked(any_stage: Synthesised) -> None:
    clients = any_stage.of_type("AWS::Cognito::UserPoolClient")
    assert len(clients) == 2
    for client in clients.values():
        assert client["Properties"]["RefreshTokenRotation"]["Feature"] == "ENABLED"
        assert client["Properties"]["EnableTokenRevocation"] is True
        assert client["Properties"]["GenerateSecret"] is False
        assert client["Properties"]["PreventUserExistenceErrors"] == "ENABLED"


def test_the_platforms_own_people_are_the_only_group_from_the_start(any_stage: Synthesised) -> None:
    groups = any_stage.of_type("AWS::Cognito::UserPoolGroup").values()
    assert [group["Properties"]["GroupName"] for group in groups] == ["platform-admin"]


def test_the_key_of_guests_links_is_made_by_aws_and_stands_in_no_template(any_stage: Synthesised) -> None:
    (secret,) = any_stage.of_type("AWS::SecretsManager::Secret").values()
    assert secret["Properties"]["GenerateSecretString"] == {"ExcludePunctuation": True, "PasswordLength": 64}
    assert "SecretString" not in secret["Properties"]
