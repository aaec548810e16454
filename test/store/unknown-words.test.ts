/** Words that this release does not know, in a database that another release wrote. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { domainProof, isCheckDue } from '../../src/broker/identity/domain-verification.ts'
import { type EmbeddedStores, openEmbedded } from '../../src/store/sqlite/embedded.ts'
import {
  keyRing,
  sampleSigningKey,
  sampleTenant,
  sampleTrace,
  sampleUser,
  secondsFromNow,
} from '../support/store/samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-words-'))
const file = join(folder, 'gatehouse.sqlite')
let stores: EmbeddedStores
beforeAll(async () => {
  stores = await openEmbedded({ file, keyRing, now: () => new Date() })
})
afterAll(async () => {
  await Promise.all([stores.durable.close(), stores.volatile.close()])
  rmSync(folder, { recursive: true })
})

function change(statement: string): void {
  const database = new DatabaseSync(file)
  database.exec(statement)
  database.close()
}

it('a domain check with an unknown outcome proves nothing, and is repeated', async () => {
  const { domainChecks } = stores.durable
  const at = new Date()
  const check = { tenant: sampleTenant(), domain: 'a.test', outcome: 'proven', checkedAt: at, provenAt: at } as const
  await domainChecks.put(check)
  change("update domain_checks set outcome = 'delegated'")
  const [read] = await domainChecks.all()
  expect(read).toStrictEqual({ ...check, outcome: 'missing' })
  expect(domainProof(read, at).proven).toBe(false)
  expect(isCheckDue(read, secondsFromNow(3600), 1)).toBe(true)
})

it.each(['status', 'algorithm'])('a signing key with an unknown %s is not used', async (column) => {
  const { signingKeys } = stores.durable
  await signingKeys.replace([], [sampleSigningKey()])
  change(`update signing_keys set ${column} = 'unknown-word'`)
  const refusal = { code: 'internal', message: expect.stringMatching(/"unknown-word" .* one of .*: run/) }
  await expect(signingKeys.all()).rejects.toMatchObject(refusal)
  change('delete from signing_keys')
})

it('a user with an unknown status is blocked', async () => {
  const user = sampleUser()
  const { users } = stores.durable
  change(`insert into users (tenant, id, status, profile, email_proven, created_at)
    values ('${user.tenant}', '${user.id}', 'asleep', '{}', 0, 1)`)
  expect((await users.find(user.tenant, user.id))?.status).toBe('blocked')
})

it('a trace with an unknown code, fixer or outcome is a refusal that the operator can fix', async () => {
  const { traces } = stores.durable
  const trace = sampleTrace({ outcome: 'refused', code: 'user_blocked', fixer: 'tenant admin' })
  await traces.put(trace)
  change(`update traces set content = replace(replace(replace(content, 'user_blocked', 'user_asleep'),
    'tenant admin', 'auditor'), '"outcome":"refused"', '"outcome":"deferred"')`)
  expect(await traces.find(trace.reference)).toStrictEqual({ ...trace, code: 'internal', fixer: 'operator' })
})
