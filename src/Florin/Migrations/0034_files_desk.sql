-- Staff look at the files that failed, of everybody, newest first.
create index files_failed on files.files (id) where state = 'failed' and deleted_at is null;
