DROP TRIGGER IF EXISTS ledger_has_moved;
