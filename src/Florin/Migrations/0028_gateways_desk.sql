-- What a gateway said about one attempt.
create index callbacks_attempt on gateways.callbacks (attempt) where attempt is not null;
