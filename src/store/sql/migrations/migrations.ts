/** Every change of the durable tables, oldest first. A released one is never edited; a new one is appended. */
import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { addVerifiedEmails } from './verified-emails.ts'

export const migrations: Readonly<Record<string, Migration>> = {
  '0001 users, passwords, traces, audit, outbox': {
    async up(db: Kysely<never>): Promise<void> {
      await createUsers(db)
      await createPasswords(db)
      await createTraces(db)
      await createAudit(db)
      await createOutbox(db)
    },
  },
  '0002 unlinked identities': { up: createUnlinkedIdentities },
  '0003 apps, consents, signing keys, logouts': {
    async up(db: Kysely<never>): Promise<void> {
      await db.schema.createIndex('users_by_id').on('users').columns(['id']).execute()
      await createApps(db)
      await createConsents(db)
      await createSigningKeys(db)
      await createLogouts(db)
    },
  },
  '0004 domain checks': { up: createDomainChecks },
  '0005 beliefs': { up: createTrustedMetadata },
  '0006 verified emails': { up: addVerifiedEmails },
  '0007 epochs of users': { up: addEpochs },
  '0008 revoked identities': { up: createRevokedIdentities },
  '0009 added and suspended identities': { up: addSuspension },
}

async function createUsers(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('users')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('profile', 'text', (column) => column.notNull())
    .addColumn('proven_email', 'text')
    .addColumn('email_proven', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('users_key', ['tenant', 'id'])
    .execute()
  await db.schema.createIndex('users_by_email').on('users').columns(['tenant', 'proven_email']).execute()
  await db.schema
    .createTable('identities')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('issuer', 'text', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addColumn('connection', 'text', (column) => column.notNull())
    .addColumn('profile', 'text', (column) => column.notNull())
    .addColumn('last_login_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('identities_key', ['tenant', 'issuer', 'subject'])
    .execute()
  await db.schema.createIndex('identities_by_user').on('identities').columns(['tenant', 'user_id']).execute()
}

async function createPasswords(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('passwords')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('email', 'text', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('name', 'text')
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('changed_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('passwords_key', ['tenant', 'email'])
    .addUniqueConstraint('passwords_by_subject', ['tenant', 'subject'])
    .execute()
}

async function createTraces(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('traces')
    .addColumn('reference', 'text', (column) => column.notNull().primaryKey())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('started_at', 'bigint', (column) => column.notNull())
    .addColumn('content', 'text', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('traces_by_time').on('traces').columns(['started_at']).execute()
  await db.schema.createIndex('traces_by_tenant').on('traces').columns(['tenant', 'started_at']).execute()
}

async function createAudit(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('audit_events')
    .addColumn('id', 'text', (column) => column.notNull().primaryKey())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('sequence', 'bigint', (column) => column.notNull())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('details', 'text', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('audit_by_tenant').on('audit_events').columns(['tenant', 'at', 'sequence']).execute()
}

async function createOutbox(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('outbox')
    .addColumn('id', 'text', (column) => column.notNull().primaryKey())
    .addColumn('sealed', 'text', (column) => column.notNull())
    .addColumn('due_at', 'bigint', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('outbox_by_time').on('outbox').columns(['due_at']).execute()
}

async function createUnlinkedIdentities(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('unlinked_identities')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('issuer', 'text', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('unlinked_identities_key', ['tenant', 'issuer', 'subject', 'user_id'])
    .execute()
}

async function createApps(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('apps')
    .addColumn('id', 'text', (column) => column.notNull().primaryKey())
    .addColumn('owner_tenant', 'text')
    .addColumn('owner_user_id', 'text')
    .addColumn('content', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('revision', 'integer', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('apps_by_owner').on('apps').columns(['owner_tenant', 'owner_user_id']).execute()
  await db.schema
    .createTable('app_secrets')
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('app_id', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('app_secrets_key', ['hash', 'app_id'])
    .execute()
  await db.schema.createIndex('app_secrets_by_app').on('app_secrets').columns(['app_id']).execute()
  await db.schema
    .createTable('app_credential_uses')
    .addColumn('app_id', 'text', (column) => column.notNull())
    .addColumn('credential_id', 'text', (column) => column.notNull())
    .addColumn('used_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('app_credential_uses_key', ['app_id', 'credential_id'])
    .execute()
}

async function createConsents(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('consents')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addColumn('app_id', 'text', (column) => column.notNull())
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('first_given_at', 'bigint', (column) => column.notNull())
    .addColumn('given_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('consents_key', ['tenant', 'user_id', 'app_id'])
    .execute()
  await db.schema.createIndex('consents_by_app').on('consents').columns(['app_id']).execute()
}

async function createSigningKeys(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('signing_keys')
    .addColumn('id', 'text', (column) => column.notNull().primaryKey())
    .addColumn('algorithm', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('sealed', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('activated_at', 'bigint')
    .addColumn('retired_at', 'bigint')
    .execute()
}

async function createLogouts(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('logouts')
    .addColumn('id', 'text', (column) => column.notNull().primaryKey())
    .addColumn('sealed', 'text', (column) => column.notNull())
    .addColumn('due_at', 'bigint', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('logouts_by_time').on('logouts').columns(['due_at']).execute()
}

async function createDomainChecks(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('domain_checks')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('domain', 'text', (column) => column.notNull())
    .addColumn('outcome', 'text', (column) => column.notNull())
    .addColumn('checked_at', 'bigint', (column) => column.notNull())
    .addColumn('proven_at', 'bigint')
    .addPrimaryKeyConstraint('domain_checks_key', ['tenant', 'domain'])
    .execute()
}

async function createTrustedMetadata(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('beliefs')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('connection', 'text', (column) => column.notNull())
    .addColumn('issuer', 'text', (column) => column.notNull())
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('content', 'text', (column) => column.notNull())
    .addColumn('believed_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('beliefs_key', ['tenant', 'connection'])
    .execute()
}

async function addEpochs(db: Kysely<never>): Promise<void> {
  await db.schema
    .alterTable('users')
    .addColumn('epoch', 'integer', (column) => column.notNull().defaultTo(0))
    .execute()
}

async function createRevokedIdentities(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('revoked_identities')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addColumn('issuer', 'text', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('revoked_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('revoked_identities_key', ['tenant', 'user_id', 'issuer', 'subject'])
    .execute()
}

/** When an identity was added was not kept before: the latest it can have been, where its user has others. */
async function addSuspension(db: Kysely<never>): Promise<void> {
  await db.schema.alterTable('identities').addColumn('added_at', 'bigint').execute()
  await db.schema.alterTable('identities').addColumn('suspended_at', 'bigint').execute()
  await sql`update identities set added_at = last_login_at where exists (
    select 1 from identities other where other.tenant = identities.tenant and other.user_id = identities.user_id
    and (other.issuer <> identities.issuer or other.subject <> identities.subject))`.execute(db)
}
