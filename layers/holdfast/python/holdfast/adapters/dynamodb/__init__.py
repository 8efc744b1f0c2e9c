"""The ports over DynamoDB. `keys` has every key pattern; each kind of item is mapped beside its use."""
