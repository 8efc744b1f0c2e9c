"""What must outlive any deploy: the three tables, the users, and the key of guests' links."""

from __future__ import annotations

from aws_cdk import Acknowledgment, CfnOutput, Stack, StackSynthesizer, Validations
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.constructs.user_directory import UserDirectory
from infra.settings import Settings

_TEXT = dynamodb.AttributeType.STRING
_NUMBER = dynamodb.AttributeType.NUMBER
_KEY_LENGTH = 64


class DataStack(Stack):
    """Ledger (bookings and what they claim), Catalog (what is offered), Ephemeral (what TTL takes away)."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        synthesizer: StackSynthesizer | None = None,
    ) -> None:
        super().__init__(
            scope, construct_id, synthesizer=synthesizer, termination_protection=settings.keeps_data
        )
        self._settings = settings
        self.ledger = self._table(
            "Ledger",
            recoverable=True,
            ttl="ttl",
            stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
            indexes=[
                _index("by_user", partition="owner", sort="start"),
                _index("by_business_day", partition="businessDay", sort="start"),
                _index("due", partition="dueShard", sort="due"),
            ],
        )
        self.catalog = self._table("Catalog", recoverable=True)
        self.ephemeral = self._table("Ephemeral", recoverable=False, ttl="ttl")
        self.users = UserDirectory(self, "Users", settings=settings)
        self.manage_key = secretsmanager.Secret(
            self,
            "ManageKey",
            description="Makes the links by which guests manage their bookings",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                password_length=_KEY_LENGTH, exclude_punctuation=True
            ),
            removal_policy=settings.removal_policy,
        )
        Validations.of(self.manage_key).acknowledge(
            Acknowledgment(
                id="AwsSolutions-SMG4",
                reason="Another key voids the links of all guests; a single one is revoked by its version.",
            )
        )
        for name, value in {
            "LedgerTable": self.ledger.table_name,
            "CatalogTable": self.catalog.table_name,
            "EphemeralTable": self.ephemeral.table_name,
            "UserPoolId": self.users.pool.user_pool_id,
            "UserPoolClientId": self.users.app_client.user_pool_client_id,
            "AdminClientId": self.users.admin_client.user_pool_client_id,
        }.items():
            CfnOutput(self, f"{name}Output", value=value).override_logical_id(name)

    def _table(
        self,
        construct_id: str,
        *,
        recoverable: bool,
        ttl: str | None = None,
        stream: dynamodb.StreamViewType | None = None,
        indexes: list[dynamodb.GlobalSecondaryIndexPropsV2] | None = None,
    ) -> dynamodb.TableV2:
        recovery = dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=True, recovery_period_in_days=self._settings.recovery_days
        )
        return dynamodb.TableV2(
            self,
            construct_id,
            partition_key=dynamodb.Attribute(name="PK", type=_TEXT),
            sort_key=dynamodb.Attribute(name="SK", type=_TEXT),
            billing=dynamodb.Billing.on_demand(),
            encryption=dynamodb.TableEncryptionV2.aws_managed_key(),
            point_in_time_recovery_specification=recovery if recoverable else None,
            time_to_live_attribute=ttl,
            dynamo_stream=stream,
            global_secondary_indexes=indexes,
            removal_policy=self._settings.removal_policy,
            deletion_protection=self._settings.keeps_data,
        )


def _index(name: str, *, partition: str, sort: str) -> dynamodb.GlobalSecondaryIndexPropsV2:
    """It tells which items there are; what they say is read from the table, which does not lag."""
    return dynamodb.GlobalSecondaryIndexPropsV2(
        index_name=name,
        partition_key=dynamodb.Attribute(name=partition, type=_TEXT),
        sort_key=dynamodb.Attribute(name=sort, type=_NUMBER),
        projection_type=dynamodb.ProjectionType.KEYS_ONLY,
    )
