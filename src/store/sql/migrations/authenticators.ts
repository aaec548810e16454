/** Second factors of users: authenticators, recovery codes, and browsers that need none again. */
export const authenticatorTables: readonly string[] = [
  `create table authenticators (
    tenant text not null, user_id text not null, id text not null, kind text not null, name text not null,
    created_at bigint not null, last_used_at bigint, removed_at bigint, sealed text, last_step bigint,
    credential_id text, public_key text, counter bigint, transports text, backed_up integer, aaguid text,
    constraint authenticators_key primary key (tenant, user_id, id),
    constraint authenticators_by_credential unique (tenant, credential_id))`,
  'create index authenticators_by_removal on authenticators (removed_at) where removed_at is not null',
  `create table recovery_codes (
    tenant text not null, user_id text not null, hash text not null, created_at bigint not null, used_at bigint,
    constraint recovery_codes_key primary key (tenant, user_id, hash))`,
  `create table remembered_devices (
    tenant text not null, user_id text not null, hash text not null, id text not null, device text not null,
    created_at bigint not null, expires_at bigint not null, last_used_at bigint not null,
    constraint remembered_devices_key primary key (tenant, user_id, hash))`,
  'create index remembered_devices_by_end on remembered_devices (expires_at)',
]
