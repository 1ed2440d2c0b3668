-- What a face paid without the PIN on its last day. It stands beside the template, so that another enrolment does not begin anew.
create table biometrics.day_sums (
    person_id uuid not null,
    currency text not null check (currency ~ '^[A-Z]{3}$'), -- of the wallet that paid
    used_on date not null, -- UTC
    used_sum bigint not null check (used_sum >= 0), -- minor units
    single_sum bigint not null check (single_sum between 0 and used_sum), -- of these by single pictures without a challenge
    payments integer not null check (payments >= 1),
    primary key (person_id, currency)
);
grant select, insert, delete, update (used_on, used_sum, single_sum, payments) on biometrics.day_sums to {{server}};

-- Pictures that enrolled are forgotten with their template.
create index seen_pictures_seen_by on biometrics.seen_pictures (seen_by);

-- What shops made and nobody confirmed: destroyed after a while.
create index faces_unconfirmed on biometrics.faces (person_id) where shop_id is not null and confirmed_at is null;

alter table biometrics.deletion_receipts drop constraint deletion_receipts_reason_check;
alter table biometrics.deletion_receipts add constraint deletion_receipts_reason_check
    check (reason in ('asked', 'replaced', 'account_deleted', 'not_agreed', 'by_shop', 'by_staff'));
