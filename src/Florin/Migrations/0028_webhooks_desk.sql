-- What was sent about one payment.
create index deliveries_aggregate on webhooks.deliveries (aggregate);
