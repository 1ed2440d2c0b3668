-- The beginning of a shop's name.
create index shops_search_name on shops.shops (lower(name) text_pattern_ops);
