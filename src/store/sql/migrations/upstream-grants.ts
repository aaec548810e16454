/** Refresh tokens of upstreams, and when a connection with `recheck` last confirmed a user. */
export const upstreamGrantTables: readonly string[] = [
  `create table upstream_grants (
    id text not null primary key, tenant text not null, user_id text not null, connection text not null,
    issuer text not null, subject text not null, sealed text not null, confirmed_at bigint not null,
    active_at bigint not null, next_at bigint not null, idle integer not null, doubtful integer not null,
    revision integer not null, lease_ends_at bigint, failed_at bigint, failure text,
    constraint upstream_grants_key unique (tenant, user_id, connection))`,
  'create index upstream_grants_by_time on upstream_grants (next_at)',
  'create index upstream_grants_by_connection on upstream_grants (tenant, connection)',
  'alter table users add column confirmed_at bigint',
  'alter table users add column confirmed_by text',
]
