/**
 * Changes of the durable tables of SQLite and PostgreSQL. Run by up-to-date.ts and migrate.ts, at
 * startup in the background. Append new ones; never edit a released one.
 */
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { apiTokenTables, tokenReminderTables } from './api-tokens.ts'
import { addAppSearch } from './app-search.ts'
import { appSignInTables } from './app-sign-ins.ts'
import { makeAuditAppendOnly } from './append-only-audit.ts'
import { auditEvents } from './audit-events.ts'
import { authenticatorTables } from './authenticators.ts'
import { developerSecretTables } from './developer-secrets.ts'
import { expiryTables } from './expiries.ts'
import { recoveryTables } from './recoveries.ts'
import { signInStatistics } from './sign-in-statistics.ts'
import { renameScopesOfApps, standardNames } from './standard-names.ts'
import { addTraceSearch } from './trace-search.ts'
import { upstreamGrantTables } from './upstream-grants.ts'
import { addUserSearch } from './user-search.ts'
import { addVerifiedEmails } from './verified-emails.ts'

export const migrations: Readonly<Record<string, Migration>> = {
  '0001 users, passwords, traces, audit, outbox': statements(
    `create table users (
      tenant text not null, id text not null, status text not null, profile text not null, proven_email text,
      email_proven integer not null, created_at bigint not null,
      constraint users_key primary key (tenant, id))`,
    'create index users_by_email on users (tenant, proven_email)',
    `create table identities (
      tenant text not null, issuer text not null, subject text not null, user_id text not null,
      connection text not null, profile text not null, last_login_at bigint not null,
      constraint identities_key primary key (tenant, issuer, subject))`,
    'create index identities_by_user on identities (tenant, user_id)',
    `create table passwords (
      tenant text not null, email text not null, subject text not null, name text, hash text not null,
      changed_at bigint not null, constraint passwords_key primary key (tenant, email),
      constraint passwords_by_subject unique (tenant, subject))`,
    `create table traces (
      reference text not null primary key, tenant text not null, started_at bigint not null, content text not null)`,
    'create index traces_by_time on traces (started_at)',
    'create index traces_by_tenant on traces (tenant, started_at)',
    `create table audit_events (
      id text not null primary key, at bigint not null, sequence bigint not null, tenant text not null,
      action text not null, actor text not null, target text not null, details text not null)`,
    'create index audit_by_tenant on audit_events (tenant, at, sequence)',
    `create table outbox (
      id text not null primary key, sealed text not null, due_at bigint not null, attempts integer not null)`,
    'create index outbox_by_time on outbox (due_at)',
  ),
  '0002 unlinked identities': statements(
    `create table unlinked_identities (
      tenant text not null, issuer text not null, subject text not null, user_id text not null,
      constraint unlinked_identities_key primary key (tenant, issuer, subject, user_id))`,
  ),
  '0003 apps, consents, signing keys, logouts': statements(
    'create index users_by_id on users (id)',
    `create table apps (
      id text not null primary key, owner_tenant text, owner_user_id text, content text not null,
      created_at bigint not null, revision integer not null)`,
    'create index apps_by_owner on apps (owner_tenant, owner_user_id)',
    `create table app_secrets (
      hash text not null, app_id text not null, constraint app_secrets_key primary key (hash, app_id))`,
    'create index app_secrets_by_app on app_secrets (app_id)',
    `create table app_credential_uses (
      app_id text not null, credential_id text not null, used_at bigint not null,
      constraint app_credential_uses_key primary key (app_id, credential_id))`,
    `create table consents (
      tenant text not null, user_id text not null, app_id text not null, scopes text not null,
      first_given_at bigint not null, given_at bigint not null,
      constraint consents_key primary key (tenant, user_id, app_id))`,
    'create index consents_by_app on consents (app_id)',
    `create table signing_keys (
      id text not null primary key, algorithm text not null, status text not null, sealed text not null,
      created_at bigint not null, activated_at bigint, retired_at bigint)`,
    `create table logouts (
      id text not null primary key, sealed text not null, due_at bigint not null, attempts integer not null)`,
    'create index logouts_by_time on logouts (due_at)',
  ),
  '0004 domain checks': statements(
    `create table domain_checks (
      tenant text not null, domain text not null, outcome text not null, checked_at bigint not null,
      proven_at bigint, constraint domain_checks_key primary key (tenant, domain))`,
  ),
  // became trusted_metadata in 0010
  '0005 beliefs': statements(
    `create table beliefs (
      tenant text not null, connection text not null, issuer text not null, source text not null,
      content text not null, believed_at bigint not null,
      constraint beliefs_key primary key (tenant, connection))`,
  ),
  '0006 verified emails': { up: addVerifiedEmails },
  // raised to end pending logins
  '0007 epochs of users': statements('alter table users add column epoch integer default 0 not null'),
  '0008 revoked identities': statements(
    `create table revoked_identities (
      tenant text not null, user_id text not null, issuer text not null, subject text not null,
      revoked_at bigint not null,
      constraint revoked_identities_key primary key (tenant, user_id, issuer, subject))`,
  ),
  // added_at: by a signed-in user; suspended_at: sign-in is refused until its owner confirms it
  '0009 added and suspended identities': statements(
    'alter table identities add column added_at bigint',
    'alter table identities add column suspended_at bigint',
    // rows written before this migration: the latest time at which the identity can have been added
    `update identities set added_at = last_login_at where exists (
      select 1 from identities other where other.tenant = identities.tenant and other.user_id = identities.user_id
      and (other.issuer <> identities.issuer or other.subject <> identities.subject))`,
  ),
  '0010 standard names': {
    async up(db: Kysely<never>): Promise<void> {
      await statements(...standardNames).up(db)
      await renameScopesOfApps(db)
    },
  },
  '0011 audit events': statements(...auditEvents),
  '0012 api tokens': statements(...apiTokenTables),
  '0013 developer secrets': statements(...developerSecretTables),
  '0014 role assignments': statements(
    `create table role_assignments (
      tenant text not null, user_id text not null, role text not null, assigned_by text not null,
      assigned_at bigint not null, constraint role_assignments_key primary key (tenant, user_id, role))`,
  ),
  '0015 append-only audit events': { up: makeAuditAppendOnly },
  '0016 sign-ins of apps': statements(...appSignInTables),
  '0017 token reminders': statements(...tokenReminderTables),
  '0018 service accounts': statements('alter table users add column kind text'),
  '0019 search of traces': { up: addTraceSearch },
  '0020 sign-in statistics': statements(...signInStatistics),
  '0021 user search': { up: addUserSearch },
  '0022 expiries': statements(...expiryTables),
  '0023 app search': { up: addAppSearch },
  '0024 leases of expiry alerts': statements('alter table expiry_alerts add column claimed_until bigint'),
  '0025 second factors': statements(...authenticatorTables),
  '0026 upstream grants': statements(...upstreamGrantTables),
  '0027 recoveries': statements(...recoveryTables),
  '0028 user deletions': statements(
    `create table user_deletions (
      tenant text not null, user_id text not null, requested_at bigint not null, due_at bigint not null,
      constraint user_deletions_key primary key (tenant, user_id))`,
    'create index user_deletions_by_due on user_deletions (due_at)',
  ),
  '0029 suspended passkeys': statements('alter table authenticators add column suspended_at bigint'),
  '0030 canceled recoveries': statements("update recoveries set outcome = 'canceled' where outcome = 'cancelled'"),
}

/** Imports Kysely late: isUpToDate needs only the names, and Kysely loads slowly. */
function statements(...texts: readonly string[]): Migration {
  return {
    async up(db: Kysely<never>): Promise<void> {
      const { sql } = await import('kysely')
      for (const text of texts) await sql.raw(text).execute(db)
    },
  }
}
