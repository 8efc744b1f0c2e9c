"""Holdfast, a slot-booking engine: temporary holds, confirmations and fair queues on DynamoDB."""
