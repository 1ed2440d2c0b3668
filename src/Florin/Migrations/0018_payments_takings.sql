-- What a payee took between two moments.
create index payments_taken on payments.payments (payee, completed_at) where completed_at is not null;
create index refunds_done on payments.refunds (ended_at) where state = 'completed';
