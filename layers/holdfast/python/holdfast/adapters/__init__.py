"""What stands behind the ports: DynamoDB, SQS."""
