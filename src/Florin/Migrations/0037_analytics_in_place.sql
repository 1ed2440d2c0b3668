-- What is known of a payment changes once or twice, soon after it was written: in place, for which its page keeps room.
alter table analytics.payments set (fillfactor = 70);
