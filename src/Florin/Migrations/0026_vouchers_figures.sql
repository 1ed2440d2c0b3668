-- What figures ask: how many were sold and redeemed in a stretch of time, and what somebody bought.
create index vouchers_issued on vouchers.vouchers (issued_at);
create index vouchers_cancelled on vouchers.vouchers (ended_at) where state = 'cancelled';
create index vouchers_bought_by on vouchers.vouchers (bought_by, id);
create index redemptions_at on vouchers.redemptions (redeemed_at) where undone_at is null;
