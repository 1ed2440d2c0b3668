-- What somebody bought for others, for their export.
create index vouchers_bought_by on vouchers.vouchers (bought_by, id);
