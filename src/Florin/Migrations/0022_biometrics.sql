create schema biometrics;
grant usage on schema biometrics to {{server}};

-- What people agree to, word for word. A text is never changed: another wording is another version.
create table biometrics.consent_texts (
    version text not null check (version ~ '^[a-z0-9.-]{1,40}$'),
    language text not null check (language ~ '^[a-z]{2}$'),
    body text not null,
    since timestamptz not null,
    primary key (version, language)
);
grant select on biometrics.consent_texts to {{server}};
insert into biometrics.consent_texts (version, language, body, since) values
('2026-11', 'en',
'I agree that Florin makes a template of my face from the pictures that I take now, and keeps it encrypted under a key of my own. A template is a row of numbers that describes my face; the pictures themselves are not kept. It is used for one thing: when I pay at a till and somebody names me as the payer, a picture taken there is compared with my template, and with nobody else''s. Each comparison is noted with its result, without picture and template. I may pay in every other way instead. I can withdraw this at any time under Account, Pay by face; the key is destroyed at once, and with it the template.',
timestamptz '2026-11-01 00:00:00+00'),
('2026-11', 'ru',
'Я соглашаюсь с тем, что Florin по снимкам, которые я делаю сейчас, создаёт шаблон моего лица и хранит его зашифрованным отдельным ключом. Шаблон — это ряд чисел, описывающих лицо; сами снимки не хранятся. Он используется только для одного: когда я плачу на кассе и меня называют плательщиком, сделанный там снимок сравнивается с моим шаблоном и ни с чьим другим. Каждое сравнение записывается с его результатом, без снимка и шаблона. Вместо этого я могу платить любым другим способом. Я могу отозвать согласие в любое время в разделе «Аккаунт», «Оплата лицом»; ключ уничтожается сразу, а вместе с ним и шаблон.',
timestamptz '2026-11-01 00:00:00+00');

-- Who agreed to which text. Kept for ever, also when withdrawn: it is what shows that there was one.
create table biometrics.consents (
    id uuid primary key,
    person_id uuid not null,
    version text not null,
    given_by text not null check (given_by in ('person', 'shop')),
    shop_id uuid, -- that says that the person agreed
    attested_by uuid, -- who said it there
    given_at timestamptz not null,
    withdrawn_at timestamptz,
    check ((given_by = 'shop') = (shop_id is not null) and (shop_id is null) = (attested_by is null))
);
create index consents_person on biometrics.consents (person_id, id);
create unique index consents_live on biometrics.consents (person_id) where withdrawn_at is null;
grant select, insert, update (withdrawn_at) on biometrics.consents to {{server}};

-- The key of each person's template, sealed by the installation's secret. It stands apart from the template, so that it can be left out of backups: whatever
-- copy of the template there is, without this row it is noise.
create table biometrics.keys (
    face_id uuid primary key,
    sealed bytea not null check (length(sealed) = 60) -- nonce 12, key 32, tag 16
);
grant select, insert, delete on biometrics.keys to {{server}};

-- One template a person: the average of what the engine made of their pictures, AES-256-GCM under their key.
create table biometrics.faces (
    person_id uuid primary key,
    face_id uuid not null unique,
    template bytea not null,
    model_id text not null check (length(model_id) between 1 and 200), -- of another model it is compared with nothing
    photos integer not null check (photos between 1 and 5),
    made_by text not null check (made_by in ('person', 'shop')),
    shop_id uuid,
    confirmed_at timestamptz, -- when the person showed that what a shop made is of them
    limits jsonb not null default '{}', -- {"KZT": minor units}: above it the PIN is needed too
    enrolled_at timestamptz not null,
    check ((made_by = 'shop') = (shop_id is not null))
);
grant select, insert, delete, update (face_id, template, model_id, photos, made_by, shop_id, confirmed_at, limits, enrolled_at) on biometrics.faces to {{server}};

create table biometrics.deletion_receipts (
    id uuid primary key,
    person_id uuid not null,
    face_id uuid not null,
    reason text not null check (reason in ('asked', 'replaced', 'account_deleted')),
    enrolled_at timestamptz not null,
    deleted_at timestamptz not null
);
create index deletion_receipts_person on biometrics.deletion_receipts (person_id, id);
grant select, insert on biometrics.deletion_receipts to {{server}};

-- What a till is told to have a payer do: good once, for seconds, for one payment, payer and till.
create table biometrics.challenges (
    id uuid primary key, -- the first 128 bits of its SHA-256; of a single picture the call's key
    payment_id uuid not null, -- and so payee, amount and currency, which never change
    payer uuid not null,
    till uuid not null, -- the person at it
    steps text not null, -- such as front,left,front,right; single where there is one picture and no challenge
    expires_at timestamptz not null,
    claimed_by uuid, -- the call that answers it, by its idempotency key
    claimed_at timestamptz,
    outcome text, -- accepted, or why not
    used_at timestamptz, -- when money moved by it
    check (used_at is null or outcome = 'accepted')
);
create index challenges_expires_at on biometrics.challenges (expires_at);
grant select, insert, delete, update (claimed_by, claimed_at, outcome, used_at) on biometrics.challenges to {{server}};

-- Keyed hashes of pictures that paid or enrolled: the very same file is a replay.
create table biometrics.seen_pictures (
    hash bytea primary key check (length(hash) = 32),
    seen_by uuid not null, -- the call
    expires_at timestamptz not null
);
create index seen_pictures_expires_at on biometrics.seen_pictures (expires_at);
grant select, insert, delete, update (seen_by, expires_at) on biometrics.seen_pictures to {{server}};

-- Wrong faces in a row (A4).
create table biometrics.tries (
    person_id uuid primary key,
    wrong integer not null check (wrong >= 0),
    last_at timestamptz not null
);
grant select, insert, delete, update (wrong, last_at) on biometrics.tries to {{server}};

-- Every comparison: numbers and reasons, never a picture or a template.
create table biometrics.attempts (
    id uuid primary key,
    at timestamptz not null,
    person_id uuid, -- whose template; null when the account was deleted
    till uuid,
    shop_id uuid,
    payment_id uuid,
    outcome text not null, -- accepted, or the code of the refusal
    counted boolean not null, -- whether it is one of the wrong ones in a row
    score real,
    threshold real,
    turn real, -- the smallest turn of the head that was asked for, degrees
    relief real, -- how far the points of the face are from one plane, parts of the eye distance
    frames integer not null,
    photos integer,
    model_id text,
    took_ms integer not null
);
create index attempts_till on biometrics.attempts (till, at) where counted;
create index attempts_at on biometrics.attempts (at);
create index attempts_person on biometrics.attempts (person_id, id);
grant select, insert, update (person_id) on biometrics.attempts to {{server}};

-- What a shop may do otherwise than the installation's default.
create table biometrics.shops (
    shop_id uuid primary key,
    single_picture boolean not null -- whether one picture without a challenge pays there
);
grant select, insert, update (single_picture) on biometrics.shops to {{server}};
