/** Recoveries of users without their factors, and links that undo changes of factors. */
export const recoveryTables: readonly string[] = [
  `create table recoveries (
    tenant text not null, user_id text not null, id text not null, complete_hash text not null,
    cancel_hash text not null, created_at bigint not null, effective_at bigint not null, expires_at bigint not null,
    ended_at bigint, outcome text, constraint recoveries_key primary key (tenant, user_id, id))`,
  'create unique index recoveries_waiting on recoveries (tenant, user_id) where ended_at is null',
  'create index recoveries_by_complete_hash on recoveries (complete_hash)',
  'create index recoveries_by_cancel_hash on recoveries (cancel_hash)',
  'create index recoveries_by_time on recoveries (created_at)',
  `create table undo_links (
    hash text not null, tenant text not null, user_id text not null, content text not null,
    created_at bigint not null, expires_at bigint not null, used_at bigint,
    constraint undo_links_key primary key (hash))`,
  'create index undo_links_by_end on undo_links (expires_at)',
]
