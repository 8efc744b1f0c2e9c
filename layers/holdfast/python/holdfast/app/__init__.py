"""Use cases, one deed a module. They know the ports and nothing behind them."""
