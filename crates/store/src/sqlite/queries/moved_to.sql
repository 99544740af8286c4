SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = 'ledger_has_moved';
