"""Who is who: the user pool, the group of the platform's own people, and the two clients that sign in."""

from __future__ import annotations

from aws_cdk import Acknowledgment, Duration, Validations
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from infra.settings import Settings

_ROTATION_GRACE = Duration.seconds(30)


class UserDirectory(Construct):
    """Sign-in by email; customers come by themselves, groups of a business are made at run time."""

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings) -> None:
        super().__init__(scope, construct_id)
        self.pool = cognito.UserPool(
            self,
            "Pool",
            sign_in_aliases=cognito.SignInAliases(email=True),
            sign_in_case_sensitive=False,
            self_sign_up_enabled=True,
            auto_verify=cognito.AutoVerifiedAttrs(email=True),
            keep_original=cognito.KeepOriginalAttrs(email=True),
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            mfa=cognito.Mfa.OPTIONAL,
            mfa_second_factor=cognito.MfaSecondFactor(otp=True, sms=False),
            password_policy=cognito.PasswordPolicy(
                min_length=12,
                require_lowercase=True,
                require_uppercase=True,
                require_digits=True,
                require_symbols=True,
                temp_password_validity=Duration.days(3),
            ),
            feature_plan=cognito.FeaturePlan.ESSENTIALS,
            removal_policy=settings.removal_policy,
            deletion_protection=settings.keeps_data,
        )
        Validations.of(self.pool).acknowledge(
            Acknowledgment(
                id="AwsSolutions-COG2",
                reason="Customers book without a second factor; anyone may enrol a one-time password.",
            ),
            Acknowledgment(
                id="AwsSolutions-COG8",
                reason="The Plus plan is charged per user; requests are limited per owner (SEC-2) instead.",
            ),
        )
        cognito.CfnUserPoolGroup(
            self,
            "PlatformAdmins",
            user_pool_id=self.pool.user_pool_id,
            group_name="platform-admin",
            description="Creates businesses and may administer any of them",
        )
        self.app_client = self._client(
            "AppClient", settings=settings, access=Duration.hours(1), refresh=Duration.days(30)
        )
        self.admin_client = self._client(
            "AdminClient", settings=settings, access=Duration.minutes(15), refresh=Duration.hours(12)
        )

    def _client(
        self, construct_id: str, *, settings: Settings, access: Duration, refresh: Duration
    ) -> cognito.UserPoolClient:
        """A client without a secret (it runs in browsers); a refresh token is good for one use."""
        return cognito.UserPoolClient(
            self,
            construct_id,
            user_pool=self.pool,
            auth_flows=settings.auth_flows,
            disable_o_auth=True,
            generate_secret=False,
            prevent_user_existence_errors=True,
            enable_token_revocation=True,
            access_token_validity=access,
            id_token_validity=access,
            refresh_token_validity=refresh,
            refresh_token_rotation_grace_period=_ROTATION_GRACE,
        )
