/** OP-30: an app asks for a new sign-in, and whoever sits at the browser takes that wish out of the addresses it goes through. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Page, Visitor } from '../../support/browser/visitor.ts'
import { type BrandUpstreams, gus, lin, startBrandUpstreams } from '../../support/gatehouse/brand-gates.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import { allow, begin, type Party, partyOf, redeem, shopOrigin } from '../../support/oidc/parties.ts'

let connections: BrandUpstreams
let shop: Party
beforeAll(async () => {
  connections = await startBrandUpstreams()
  shop = await partyOf(connections.house, 'shop')
})
afterAll(() => connections.stop())
beforeEach(() => {
  connections.google.reset()
  connections.linkedin.reset()
})

const stated = (page: Page) => Object.fromEntries(page.url.searchParams)
const startOf = (connection: string) => `${publicOrigin}/t/acme/${connection}/start`

/** Stops at the start link of the gate. */
async function ask(visitor: Visitor, connection: string, requested: Readonly<Record<string, string>>) {
  const begun = await begin(shop, { tenant: 'acme', provider: connection, ...requested })
  const page = await visitor.open(begun.url, startOf(connection))
  expect(page.url.searchParams.get('prompt')).toBe('login')
  return { begun, page }
}

function stripped({ url }: Page): URL {
  const link = new URL(url)
  link.searchParams.delete('prompt')
  return link
}

/** Signs in by this link; what the app is told. */
async function signInBy(visitor: Visitor, link: URL, name: string): Promise<Page> {
  const back = await visitor.click(await visitor.open(link), name, `${publicOrigin}/consent/`)
  return visitor.open(back.url, shopOrigin)
}

const requests = [{ prompt: 'login' }, { max_age: '3600' }]

describe.each([
  ['google', gus.name],
  ['linkedin', lin.name],
])('OP-30 a start link of %s', (connection, name) => {
  it.each(requests)('without the prompt=login of %o opens no new sign-in: the app is told', async (requested) => {
    const visitor = new Visitor(connections.house)
    const { begun, page } = await ask(visitor, connection, requested)
    const end = await signInBy(visitor, stripped(page), name)
    expect(stated(end)).toMatchObject({ error: 'login_required', state: begun.state })
    expect(stated(end)['error_description']).toContain('does not say when the person signed in')
  })
})

describe('OP-30 a new sign-in for an app', () => {
  it.each(requests)('is one at Google that says when it was (%o)', async (requested) => {
    const visitor = new Visitor(connections.house)
    const { begun, page } = await ask(visitor, 'google', requested)
    const consent = await visitor.click(await visitor.open(page.url), gus.name, shopOrigin)
    const answer = consent.status === 0 ? consent : await allow(visitor, consent, shopOrigin)
    expect((await redeem(shop, begun, answer.url)).claims()?.['auth_time']).toBeGreaterThan(Date.now() / 1000 - 60)
  })

  it('is none at Google when the wish is taken out of the address of Google itself', async () => {
    const visitor = new Visitor(connections.house)
    const { begun, page } = await ask(visitor, 'google', { prompt: 'login' })
    const google = (await visitor.open(page.url, connections.google.endpoints.authorization)).url
    for (const name of ['prompt', 'max_age', 'claims']) google.searchParams.delete(name)
    const end = await signInBy(visitor, google, gus.name)
    expect(stated(end)).toMatchObject({ error: 'login_required', state: begun.state })
  })

  it('is none at LinkedIn, which cannot be made to ask: the app is told', async () => {
    const visitor = new Visitor(connections.house)
    const { begun, page } = await ask(visitor, 'linkedin', { prompt: 'login' })
    const end = await signInBy(visitor, page.url, lin.name)
    expect(stated(end)).toMatchObject({ error: 'login_required', state: begun.state })
  })

  it('is asked for by max_age although somebody came by LinkedIn a moment ago; and an app learns no time that nobody knows', async () => {
    const visitor = new Visitor(connections.house)
    const claims = JSON.stringify({ id_token: { auth_time: null } })
    const begun = await begin(shop, { tenant: 'acme', provider: 'linkedin', claims })
    const consent = await visitor.click(await visitor.open(begun.url), lin.name, shopOrigin)
    const answer = consent.status === 0 ? consent : await allow(visitor, consent, shopOrigin)
    expect((await redeem(shop, begun, answer.url)).claims()?.['auth_time']).toBeUndefined()
    await ask(visitor, 'linkedin', { max_age: '3600' })
    const silent = await visitor.open((await begin(shop, { max_age: '3600', prompt: 'none' })).url, shopOrigin)
    expect(stated(silent)).toMatchObject({ error: 'login_required' })
  })
})
