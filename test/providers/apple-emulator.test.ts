import { SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { browse } from '../contract/browse.ts'
import { ada, brand, ids, pair } from '../support/providers/apple.ts'
import { benchOf, callback } from '../support/providers/passport-brand.ts'

describe('the emulated Apple', () => {
  const { emulator, open } = benchOf(brand)

  async function redeemWith(claims: Record<string, unknown>, expires: string, header = {}): Promise<unknown> {
    const secret = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', kid: ids.keyId, ...header })
      .setIssuedAt()
      .setExpirationTime(expires)
      .sign(pair.privateKey)
    const body = new URLSearchParams({ client_id: ids.clientId, client_secret: secret, code: 'x' })
    return (await fetch(emulator().endpoints.token, { method: 'POST', body })).json()
  }

  it('refuses a client secret that expired, lives too long, or was made for another client', async () => {
    const claims = { iss: ids.teamId, sub: ids.clientId, aud: emulator().url }
    expect(await redeemWith(claims, '5m')).toEqual({ error: 'invalid_grant' })
    expect(await redeemWith(claims, '-1m')).toEqual({ error: 'invalid_client' })
    expect(await redeemWith(claims, '200d')).toEqual({ error: 'invalid_client' })
    expect(await redeemWith({ ...claims, aud: 'https://other.example' }, '5m')).toEqual({ error: 'invalid_client' })
    expect(await redeemWith(claims, '5m', { kid: 'OTHER' })).toEqual({ error: 'invalid_client' })
  })

  it('answers by a page that posts itself, and by nothing else', async () => {
    const { memo: _, ...challenge } = await open().begin({
      state: '"><script>',
      record: { step: (_name, work) => work(), check: () => undefined },
    })
    if (challenge.step !== 'redirect') throw new Error('expected a redirect')
    const back = await browse(challenge.url, callback, { as: ada.sub })
    expect(back.searchParams.get('state')).toBe('"><script>')
    const query = new URL(challenge.url)
    query.searchParams.delete('response_mode')
    const response = await fetch(query)
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('form_post')])
  })
})
