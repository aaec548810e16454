/** What `gatehouse check` says of return origins that a login cannot return to any more. */
import { describe, expect, it } from 'vitest'
import { isSameSite } from '../../../src/primitives/same-site.ts'
import { gatehouse, load, tenant } from '../../support/gatehouse/config-folder.ts'

const apps = `apps:
  shop:
    name: Shop
    kind: single-page
    redirectUris: [https://shop.test/callback]
    tenants: [acme]
`

const warningsOf = async (origins: string) => {
  const files = {
    'gatehouse.yaml': `${gatehouse}${apps}`,
    'tenants/acme.yaml': `${tenant('acme')}returnOrigins: ${origins}\n`,
  }
  return (await load(files)).warnings
}

describe('a return origin', () => {
  it('A3: of another site is a warning that names the change and the app to use', async () => {
    const [other, shop, ...more] = await warningsOf('[https://app.elsewhere.test, https://shop.test]')
    expect(other).toContain('tenants/acme.yaml:')
    expect(other).toContain('returnOrigins[0]: is on another site than')
    expect(other).toContain('return_to refuses it and brings no codes any more')
    expect(other).toContain('declare the app in gatehouse.yaml and sign users in at /oauth2/auth')
    expect(shop).toContain('app shop there can sign users in at /oauth2/auth')
    expect(more).toEqual([])
  })

  it('A3: used by pages with ID tokens is a note', async () => {
    const connections = "  okta: { issuer: 'https://acme.okta.com', clientId: a, clientSecret: b, audiences: [c] }\n"
    const text = `tenant: acme\nname: Acme\nconnections:\n${connections}returnOrigins: [https://app.elsewhere.test]\n`
    const { notes, warnings } = await load({ 'gatehouse.yaml': gatehouse, 'tenants/acme.yaml': text })
    expect(warnings.filter((line) => line.includes('returnOrigins'))).toEqual([])
    expect(notes).toContainEqual(expect.stringContaining('returnOrigins[0]: is on another site'))
  })

  it('SE-04 of another site with sessions.crossSite is a warning that browsers may block the cookie', async () => {
    const warnings = await warningsOf('[https://app.elsewhere.test]\nsessions: { crossSite: true }')
    expect(warnings).toEqual([
      expect.stringContaining('sessions.crossSite: the session cookie for pages on other sites'),
    ])
    expect(warnings[0]).toContain('may be blocked as a third-party cookie')
    const overHttp = await load({
      'gatehouse.yaml': gatehouse.replace(/publicUrl: .*/, 'publicUrl: http://localhost:4000'),
      'tenants/acme.yaml': `${tenant('acme')}returnOrigins: [https://app.elsewhere.test]\nsessions: { crossSite: true }\n`,
    })
    expect(overHttp.warnings.join()).toContain('needs an https publicUrl')
    const [idle] = await warningsOf('[]\nsessions: { crossSite: true }')
    expect(idle).toContain('sessions.crossSite: has no effect')
  })

  it.each([
    ['https://login.example.com', 'https://app.example.com', true],
    ['https://login.example.com', 'https://example.com', true],
    ['https://login.example.com', 'https://login.example.com:8443', true],
    ['http://login.example.com', 'https://app.example.com', true],
    ['https://login.example.com', 'https://evil.com', false],
    ['https://login.example.com', 'https://example.com.evil.com', false],
    ['https://login.example.co.uk', 'https://app.example.co.uk', true],
    ['https://login.example.co.uk', 'https://app.evil.co.uk', false],
    ['http://localhost:4000', 'http://localhost:4020', true],
    ['http://localhost:4000', 'http://127.0.0.1:4020', false],
    ['http://127.0.0.1:4000', 'http://10.0.0.1:4000', false],
    ['http://[::1]:4000', 'http://[::1]:4020', true],
    ['http://[::1]:4000', 'http://[::2]:4020', false],
    ['https://com', 'https://a.com', false],
  ])('A3: %s and %s are same-site: %s', (one, other, same) => {
    expect(isSameSite(new URL(one), new URL(other))).toBe(same)
    expect(isSameSite(new URL(other), new URL(one))).toBe(same)
  })
})
