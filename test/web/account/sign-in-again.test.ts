/** The fresh sign-in that changing ways in asks for, where an upstream does not say when it asked the person. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { formsOn, linkOn, type Page, Visitor } from '../../support/browser/visitor.ts'
import { type BrandUpstreams, gus, lin, pat, startBrandUpstreams } from '../../support/gatehouse/brand-gates.ts'
import { by, byPassword, connectionsOf, password } from '../../support/gatehouse/two-gates.ts'

let connections: BrandUpstreams
beforeAll(async () => {
  connections = await startBrandUpstreams()
})
afterAll(() => connections.stop())
beforeEach(() => {
  connections.google.reset()
  connections.linkedin.reset()
})

const adding = '/account/identities/add'
const mayChange = (page: Page) => formsOn(page).some(({ action }) => action === adding)

it.each([
  ['google', gus.name],
  ['linkedin', lin.name],
])(
  'ID-08 coming in by %s, silently for all we know, changes nothing; signing in again there does',
  async (connection, name) => {
    const visitor = new Visitor(connections.house)
    const page = await by(visitor, connection, name)
    expect(page.url.pathname).toBe('/account')
    expect(mayChange(page)).toBe(false)
    const again = linkOn(page, 'Sign in again')
    expect(again).toContain(`/t/acme/${connection}/start?`)
    expect(again).toContain('prompt=login')
    expect(mayChange(await by(visitor, connection, name, 'acme', '?return_to=/account'))).toBe(false)
    expect(mayChange(await visitor.click(await visitor.click(page, 'Sign in again'), name))).toBe(true)
  },
)

it('ID-08 who can prove more than that has to: LinkedIn does not do for a person with a password', async () => {
  const visitor = await byPassword(connections.house, 'pat@mail.test')
  const account = await visitor.open('/account')
  const added = await visitor.click(await visitor.submit(account, adding, { connection: 'linkedin' }), pat.name)
  expect(added.url.searchParams.get('notice')).toBe('added')
  expect(await connectionsOf(visitor)).toEqual(['linkedin', 'password'])
  const back = await by(visitor, 'linkedin', pat.name, 'acme', '?return_to=/account&prompt=login')
  expect(mayChange(back)).toBe(false)
  const asked = await visitor.click(back, 'Sign in again')
  expect([asked.url.pathname, asked.url.searchParams.get('step')]).toEqual(['/login', 'password'])
  expect(mayChange(await visitor.submit(asked, '/login', { email: 'pat@mail.test', password }))).toBe(true)
})
