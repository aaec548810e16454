/** API tokens of different users with a profile of 400 bytes of JSON. */
import { randomBytes, randomUUID } from 'node:crypto'
import pg from 'pg'
import { formatToken, tokenId } from '../src/crypto/token.ts'
import { tenant } from './gatehouse.ts'
import { profile } from './sessions.ts'

/** Last used at different times of the last minute. The database must be migrated. */
export async function putApiTokens(postgresUrl: string, count: number): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: postgresUrl })
  await client.connect()
  try {
    const tokens = Array.from({ length: count }, () => ({
      user: randomUUID(),
      text: formatToken('gth_a_', randomBytes(32)),
    }))
    for (let at = 0; at < count; at += 1000) await insert(client, tokens.slice(at, at + 1000))
    return tokens.map(({ text }) => text)
  } finally {
    await client.end()
  }
}

interface NewToken {
  readonly user: string
  readonly text: string
}

async function insert(client: pg.Client, tokens: readonly NewToken[]): Promise<void> {
  const now = Date.now()
  const users = tokens.map(({ user }) => user)
  await client.query(
    `insert into users (tenant, id, status, profile, email_proven, created_at)
     select $1, id, 'active', $2, 0, $3 from unnest($4::text[]) as id`,
    [tenant, JSON.stringify(profile), now, users],
  )
  await client.query(
    `insert into api_tokens (id, tenant, user_id, name, ranges, created_at, expires_at, last_used_at, last_used_address)
     select id, $1, user_id, 'bench', '[]', $2, $3, $2 - cast(random() * 60000 as bigint), '127.0.0.1'
     from unnest($4::text[], $5::text[]) as row (id, user_id)`,
    [tenant, now, now + 86_400_000, tokens.map(({ text }) => tokenId(text)), users],
  )
}
