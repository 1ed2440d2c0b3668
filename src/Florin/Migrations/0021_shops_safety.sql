-- A payout is put into one file for the bank, once; the file can be had again by its id.
alter table shops.payouts
    add column exported_at timestamptz,
    add column export_id uuid,
    add constraint payouts_exported check ((exported_at is null) = (export_id is null)),
    add constraint payouts_failed_by_another check (
        state <> 'failed' or (ended_by is distinct from first_approver and ended_by is distinct from second_approver)
    ) not valid; -- who approved it before this rule may have said so
create index payouts_export on shops.payouts (export_id) where export_id is not null;
grant update (exported_at, export_id) on shops.payouts to {{server}};
