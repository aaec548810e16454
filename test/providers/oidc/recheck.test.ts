/** Re-checks by refresh token, over HTTP with the emulated Okta. */
import { expect, it } from 'vitest'
import type { FaultValue } from '../../../providers/emulator/faults.ts'
import type { FaultName } from '../../../providers/oidc/emulator/faults.ts'
import type { Connection, Memo, RecheckResult } from '../../../src/provider/provider.ts'
import { testRecorder } from '../../contract/context.ts'
import { ada, startOkta } from '../../support/providers/okta-logins.ts'

const { emulator, impatient, open, begin } = await startOkta()
const rechecking = (fetch?: typeof globalThis.fetch) => open(fetch ? { fetch } : {}, { recheck: '15m' })

async function memoOf(connection: Connection): Promise<Memo> {
  const { recheck } = await (await begin(connection)).finish()
  if (recheck === undefined) throw new Error('the sign-in has no memo')
  return recheck
}

interface Rechecked {
  readonly result: RecheckResult
  readonly kept: readonly Memo[]
  readonly steps: readonly string[]
}

async function recheck(connection: Connection, memo: Memo): Promise<Rechecked> {
  const kept: Memo[] = []
  const record = testRecorder()
  const keep = async (next: Memo) => void kept.push(next)
  const context = { signal: AbortSignal.timeout(10_000), record, keep }
  if (connection.recheck === undefined) throw new Error('it cannot re-check')
  return { result: await connection.recheck.recheck(memo, context), kept, steps: record.steps }
}

it('asks for a refresh token only with recheck', async () => {
  const scopeOf = async (connection: Connection) => (await begin(connection)).url.searchParams.get('scope')
  expect(await scopeOf(rechecking())).toBe('openid profile email offline_access')
  expect(await scopeOf(open())).toBe('openid profile email')
  expect(open().recheck).toBeUndefined()
  expect((await (await begin(open())).finish()).recheck).toBeUndefined()
})

it('confirms a user, keeps the new refresh token first, and fetches neither discovery nor keys', async () => {
  const connection = rechecking()
  const memo = await memoOf(connection)
  const { discovery, keys, token, userinfo } = emulator.counters
  const { result, kept, steps } = await recheck(connection, memo)
  expect(result).toMatchObject({ outcome: 'confirmed', identity: { subject: ada.sub } })
  expect(kept).toHaveLength(1)
  expect(kept[0]).not.toEqual(memo)
  expect(steps).toEqual(['discovery', 'refresh', 'signature', 'userinfo'])
  expect(emulator.counters).toMatchObject({ discovery, keys, token: token + 1, userinfo: userinfo + 1 })
})

it('returns changed groups', async () => {
  const connection = rechecking()
  const memo = await memoOf(connection)
  emulator.accounts.change(ada.sub, { groups: ['Everyone', 'Platform'] })
  const { result } = await recheck(connection, memo)
  emulator.accounts.change(ada.sub, { groups: ada.groups })
  expect(result).toMatchObject({ identity: { profile: { groups: ['Everyone', 'Platform'] } } })
})

it('ID-10: refuses a user who was disabled, and a refresh token that was used before', async () => {
  const connection = rechecking()
  const memo = await memoOf(connection)
  const { kept } = await recheck(connection, memo)
  emulator.accounts.disable(ada.sub)
  const disabled = await recheck(connection, kept[0] ?? {})
  emulator.accounts.enable(ada.sub)
  expect(disabled.result).toEqual({ outcome: 'refused', reason: 'invalid_grant' })
  expect((await recheck(connection, memo)).result).toEqual({ outcome: 'refused', reason: 'invalid_grant' })
})

it.each(['access_denied', 'interaction_required', 'login_required', 'consent_required'])(
  'takes %s for a refusal',
  async (reason) => {
    const connection = rechecking()
    const memo = await memoOf(connection)
    emulator.fault('refreshError', reason)
    expect((await recheck(connection, memo)).result).toEqual({ outcome: 'refused', reason })
  },
)

const proofless: readonly (readonly [string, FaultName, FaultValue, string])[] = [
  ['FT-15: a refused connection', 'down', 'token', 'upstream_unreachable'],
  ['FT-16: no answer', 'hang', 'token', 'upstream_unreachable'],
  ['FT-18: an answer byte by byte', 'drip', 'token', 'upstream_unreachable'],
  ['FT-19: half an answer', 'truncated', 'token', 'upstream_invalid'],
  ['FT-20: HTML with status 200', 'html', 'token', 'upstream_invalid'],
  ['FT-21: status 500', 'status500', 'token', 'upstream_unreachable'],
  ['a rate limit', 'rateLimited', true, 'upstream_unreachable'],
  ['RP-40: a redirect', 'redirect', 'token', 'upstream_invalid'],
  ['RP-40: 20 MB', 'large', 'token', 'upstream_invalid'],
  ['a refusal of the client', 'refreshError', 'invalid_client', 'upstream_refused'],
  ['a refusal of the scope', 'refreshError', 'invalid_scope', 'upstream_refused'],
  ['RP-05: a forged signature', 'forgedSignature', true, 'upstream_invalid'],
  ['another user', 'otherUserRefreshed', true, 'upstream_invalid'],
  ['RP-41: userinfo of another user', 'otherUserinfo', true, 'upstream_invalid'],
]

it.each(proofless)('%s proves nothing', async (_, name, value, code) => {
  const connection = rechecking(impatient.fetch)
  const memo = await memoOf(connection)
  emulator.fault(name, value)
  await expect(recheck(connection, memo)).rejects.toMatchObject({ code })
})

it('keeps the new refresh token although a check of the ID token fails', async () => {
  const connection = rechecking()
  const memo = await memoOf(connection)
  emulator.fault('forgedSignature')
  const kept: Memo[] = []
  const keep = async (next: Memo) => void kept.push(next)
  const context = { signal: AbortSignal.timeout(10_000), record: testRecorder(), keep }
  await expect(connection.recheck?.recheck(memo, context)).rejects.toMatchObject({ code: 'upstream_invalid' })
  expect(kept).toHaveLength(1)
})

it('signs in without a refresh token if the upstream sends none, and notes it in the trace', async () => {
  const login = await begin(rechecking())
  emulator.fault('noRefreshToken')
  const { recheck: memo } = await login.finish()
  expect(memo).toBeUndefined()
  expect(login.record.checks).toContainEqual(
    expect.objectContaining({ name: 'refresh token', got: expect.stringContaining('none') }),
  )
})
