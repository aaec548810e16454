/** Origin and change of audit events, their order by (at, id), and indexes for each filter. */
export const auditEvents: readonly string[] = [
  'alter table audit_events add column address text',
  'alter table audit_events add column agent text',
  'alter table audit_events add column before text',
  'alter table audit_events add column after text',
  // ids sort as the sequence did: ten digits first
  "update audit_events set id = substr(cast(10000000000 + sequence as text), 2) || '-' || id",
  "update audit_events set actor = 'cli' where actor = 'operator'",
  "update audit_events set actor = 'connection:' || substr(actor, 12) where actor like 'connection %'",
  "update audit_events set target = 'connection:' || substr(target, 12) where target like 'connection %'",
  'drop index audit_by_tenant',
  'alter table audit_events drop column sequence',
  'create index audit_by_time on audit_events (at, id)',
  'create index audit_by_tenant on audit_events (tenant, at, id)',
  'create index audit_by_actor on audit_events (actor, tenant, at, id)',
  'create index audit_by_target on audit_events (target, tenant, at, id)',
  'create index audit_by_action on audit_events (tenant, action, at, id)',
]
