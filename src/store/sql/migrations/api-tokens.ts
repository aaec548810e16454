/** API tokens by the hash of their secret, and the networks that each was used from. */
export const apiTokenTables: readonly string[] = [
  `create table api_tokens (
    id text not null primary key, tenant text not null, user_id text not null, name text not null, scopes text,
    ranges text not null, created_at bigint not null, expires_at bigint not null, ends_at bigint,
    replaced_by text, suspended_at bigint, last_used_at bigint, last_used_address text, last_used_agent text)`,
  'create index api_tokens_by_user on api_tokens (tenant, user_id, created_at)',
  'create index api_tokens_by_expiry on api_tokens (expires_at)',
  `create table api_token_networks (
    token_id text not null, network text not null, seen_at bigint not null,
    constraint api_token_networks_key primary key (token_id, network))`,
]

export const tokenReminderTables: readonly string[] = [
  `create table api_token_reminders (
    token_id text not null, reason text not null, sent_at bigint not null,
    constraint api_token_reminders_key primary key (token_id, reason))`,
]
