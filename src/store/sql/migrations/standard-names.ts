/** Tables, columns and stored values in the terms of the RFCs. */
import type { Kysely } from 'kysely'

const errorCodes = {
  door_out_of_reach: 'cookie_domain_mismatch',
  login_foreign: 'login_other_browser',
  login_misdirected: 'login_connection_mismatch',
  link_used: 'link_invalid',
  user_unseen: 'user_not_visible',
  interaction_over: 'interaction_expired',
  caller_refused: 'app_authentication_failed',
  return_refused: 'return_to_refused',
  busy: 'server_busy',
}

export const standardNames: readonly string[] = [
  `create table trusted_metadata (
    tenant text not null, connection text not null, issuer text not null, source text not null,
    content text not null, trusted_at bigint not null,
    constraint trusted_metadata_key primary key (tenant, connection))`,
  `insert into trusted_metadata (tenant, connection, issuer, source, content, trusted_at)
    select tenant, connection, issuer, source, content, believed_at from beliefs`,
  'drop table beliefs',
  'alter table consents rename column first_given_at to first_granted_at',
  'alter table consents rename column given_at to granted_at',
  // with the mark of a text: below `supplied`, a connection with this id has an object
  replaceText('users', 'profile', '"organisation":"', '"organization":"'),
  replaceText('identities', 'profile', '"organisation":"', '"organization":"'),
  replaceText('apps', 'content', '"mark":', '"logoUri":'),
  replaceText('consents', 'scopes', '"organisation"', '"organization"'),
  replaceText('audit_events', 'details', '"way":', '"endpoint":'),
  replaceText('traces', 'content', '"outcome":"begun"', '"outcome":"started"'),
  replaceText('traces', 'content', '"fixer":"person"', '"fixer":"user"'),
  ...Object.entries(errorCodes).map(([from, to]) =>
    replaceText('traces', 'content', `"code":"${from}"`, `"code":"${to}"`),
  ),
]

/** In JSON text, an unescaped quotation mark delimits a key or a whole string, never a part. */
function replaceText(table: string, column: string, from: string, to: string): string {
  return `update ${table} set ${column} = replace(${column}, '${from}', '${to}') where ${column} like '%${from}%'`
}

interface AppRow {
  readonly id: string
  readonly content: string
}

/** Parses the content: in its text, a tenant with the id `organisation` looks like the scope. */
export async function renameScopesOfApps(db: Kysely<never>): Promise<void> {
  const { sql } = await import('kysely')
  const { rows } = await sql<AppRow>`select id, content from apps where content like '%"organisation"%'`.execute(db)
  for (const { id, content } of rows) {
    // written by apps.ts only
    const app = JSON.parse(content) as { readonly scopes: readonly string[] }
    const scopes = app.scopes.map((scope) => (scope === 'organisation' ? 'organization' : scope))
    await sql`update apps set content = ${JSON.stringify({ ...app, scopes })} where id = ${id}`.execute(db)
  }
}
