/** Renames the scope `organisation` to `organization` in stored apps. */
import type { Kysely } from 'kysely'

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
