/** Published states of upstreams, and sent expiry alerts. */
export const expiryTables = [
  `create table published_states (
    tenant text not null, connection text not null, content text not null, seen_at bigint not null,
    constraint published_states_key primary key (tenant, connection))`,
  `create table expiry_alerts (
    tenant text not null, connection text not null, subject text not null, expires_at bigint not null,
    days integer not null, sent_at bigint not null,
    constraint expiry_alerts_key primary key (tenant, connection, subject, expires_at, days))`,
  'create index expiry_alerts_by_expiry on expiry_alerts (expires_at)',
]
