-- Sales by type are read from indexes alone: rows of vouchers are wide, and a month has many.
drop index vouchers.vouchers_issued;
create index vouchers_issued on vouchers.vouchers (issued_at) include (type_id, currency, paid);
create index vouchers_kind on vouchers.vouchers (id) include (type_id, currency);
drop index vouchers.redemptions_at;
create index redemptions_at on vouchers.redemptions (redeemed_at) include (voucher_id) where undone_at is null;
