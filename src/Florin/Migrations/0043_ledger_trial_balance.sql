-- The trial balance reads every account in some 40 ms. Workers beside it save nothing where payments keep the cores busy: starting them costs more.
alter table ledger.accounts set (parallel_workers = 0);
