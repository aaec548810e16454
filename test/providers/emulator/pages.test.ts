import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type OktaEmulator, startOktaEmulator } from '../../../providers/okta/emulator.ts'
import { type SamlEmulator, startSamlEmulator } from '../../../providers/saml/emulator/emulator.ts'
import { saml } from '../../../providers/saml/saml.ts'
import { testContext, testRecorder } from '../../contract/context.ts'
import { acs, entityId } from '../../support/providers/saml-forge.ts'

const redirectUri = 'http://localhost:4000/t/acme/okta/callback'

describe('the pages of an emulated upstream', () => {
  let okta: OktaEmulator
  let idp: SamlEmulator
  beforeAll(async () => {
    okta = await startOktaEmulator({
      clients: [{ clientId: 'gatehouse', name: 'Gatehouse', redirectUris: [redirectUri] }],
      people: [{ sub: '1', name: 'Ada Lovelace' }],
    })
    idp = await startSamlEmulator({
      services: [{ name: 'Gatehouse', entityId, acs }],
      people: [{ nameId: '1', attributes: { displayName: ['Ada Lovelace'] } }],
    })
  })
  afterEach(() => {
    okta.reset()
    idp.reset()
  })
  afterAll(() => Promise.all([okta.close(), idp.close()]))

  const start = (name: string, value: string) =>
    fetch(new URL('/faults', okta.url), { method: 'POST', body: new URLSearchParams({ on: name, value }) })

  const chooser = () => {
    const query = new URLSearchParams({ client_id: 'gatehouse', redirect_uri: redirectUri, response_type: 'code' })
    return fetch(`${okta.endpoints.authorization}?${query}`)
  }

  it.each(['down', 'html', 'status500', 'redirect', 'truncated'])(
    'shows the choice of a user while every other endpoint has the fault %s',
    async (fault) => {
      await start(fault, '')
      expect(await (await chooser()).text()).toContain('<h1>Sign in to Gatehouse</h1>')
      const answer = await fetch(okta.endpoints.jwks, { redirect: 'manual' }).then(
        async (response) => ({ status: response.status, body: await response.text() }),
        () => 'reset',
      )
      expect(answer).not.toMatchObject({ status: 200, body: expect.stringContaining('"keys"') })
    },
  )

  it('shows the choice of a user at once while every other endpoint is slow', async () => {
    await start('slow', '600000')
    const jwks = new AbortController()
    const delayed = fetch(okta.endpoints.jwks, { signal: jwks.signal }).catch(() => 'aborted')
    const first = await Promise.race([delayed, chooser().then((page) => page.text())])
    expect(first).toEqual(expect.stringContaining('<h1>Sign in to Gatehouse</h1>'))
    jwks.abort()
    expect(await delayed).toBe('aborted')
  })

  it('breaks the choice of a user if the fault names it', async () => {
    await start('down', 'authorize')
    await expect(chooser()).rejects.toThrow('fetch failed')
    expect((await fetch(okta.endpoints.jwks)).status).toBe(200)
  })

  it('offers each endpoint for a fault of the network', async () => {
    const page = await (await fetch(okta.url)).text()
    expect(page).toContain('<option value="">all but authorize</option><option>discovery</option>')
    expect(await (await fetch(idp.url)).text()).toContain(
      '<option value="">all but sso</option><option>metadata</option>',
    )
  })

  it.each([
    ['Okta', () => okta.url, ['down', 'tokenError', 'forgedSignature', 'wrongNonce', 'noEmail']],
    ['SAML', () => idp.url, ['down', 'denies', 'unsigned', 'wrongAudience', 'noEmail']],
  ])('groups the faults of %s by what they concern', async (_, url, [network, answers, signature, recipient, user]) => {
    const [, ...groups] = (await (await fetch(url())).text()).split('<h3>')
    const titled = groups.map((group) => {
      const names = group.matchAll(/value="(\w+)" aria-pressed/g)
      return [group.split('</h3>')[0], Array.from(names, ([, name]) => name)]
    })
    expect(titled).toEqual([
      ['Network', expect.arrayContaining([network])],
      ['Answers', expect.arrayContaining([answers])],
      ['Signatures and encryption', expect.arrayContaining([signature])],
      ['Issuer, recipient and time', expect.arrayContaining([recipient])],
      ['User', expect.arrayContaining([user])],
    ])
  })

  it('names the app to a user of a SAML identity provider while its metadata is down', async () => {
    const connection = saml.open(saml.config.parse({ metadataUrl: idp.metadataUrl }), testContext())
    const record = testRecorder()
    const challenge = await connection.begin({ state: 'a-state', record })
    idp.fault('down')
    if (challenge.step !== 'redirect') throw new Error('the challenge is no redirect')
    expect(await (await fetch(challenge.url)).text()).toContain('<h1>Sign in to Gatehouse</h1>')
  })

  it('has an icon', async () => {
    expect(await (await fetch(okta.url)).text()).toContain('<link rel="icon" href="data:image/svg+xml,')
  })
})
