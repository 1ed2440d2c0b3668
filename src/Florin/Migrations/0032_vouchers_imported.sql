-- Codes of vouchers that come from another system may have any digit or capital.
alter table vouchers.vouchers drop constraint vouchers_code_check, add constraint vouchers_code_check check (code ~ '^[0-9A-Z]{12}$');
