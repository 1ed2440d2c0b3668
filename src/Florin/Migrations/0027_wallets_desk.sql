-- The last digits of a wallet's number.
create index wallets_search_number on wallets.wallets (reverse(number) text_pattern_ops);
