-- People choose how they are told of vouchers.
alter table notifications.choices drop constraint choices_kind_check;
alter table notifications.choices
    add constraint choices_kind_check check (kind in ('receipts', 'refunds', 'fees', 'money_received', 'sales', 'vouchers'));
