/** Client secrets of developers by their hash, and the revision of each developer's set. */
export const developerSecretTables: readonly string[] = [
  `create table developer_secrets (
    hash text not null primary key, tenant text not null, user_id text not null, id text not null,
    sealed text not null, created_at bigint not null, expires_at bigint, last_used_at bigint)`,
  'create index developer_secrets_by_user on developer_secrets (tenant, user_id)',
  `create table developer_secret_revisions (
    tenant text not null, user_id text not null, revision integer not null,
    constraint developer_secret_revisions_key primary key (tenant, user_id))`,
]
