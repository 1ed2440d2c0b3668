-- The gateway's own number of a charge. Attempts of instant methods have none, and cost nothing more.
create index attempts_gateway_reference on payments.attempts (gateway_reference) where gateway_reference is not null;
