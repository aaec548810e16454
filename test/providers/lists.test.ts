/** Lists outside a provider's folder that name every kind or brand that is built in. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { providers } from '../../providers/index.ts'
import { oidc } from '../../providers/oidc/generic.ts'
import { brandNames } from '../../src/broker/apps/look-alike.ts'
import { setupFileOf } from '../../src/broker/sign-ins/setup-guides.ts'
import { brandTemplates } from '../../src/cli/deployment/init/brands.ts'
import { attributeNames } from '../../src/profile/profile.ts'
import type { Provider } from '../../src/provider/provider.ts'
import { startEmulated } from '../support/gatehouse/every-connection.ts'

const text = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const kinds = providers.map(({ kind }) => kind)
// Gatehouse's own methods have no upstream
const upstreams = kinds.filter((kind) => kind !== 'password' && kind !== 'email')
const brands = providers
  .filter(({ kind, brand }) => upstreams.includes(kind) && brand.isProtocol !== true)
  .map(({ brand }) => brand.name)

const [table = '', reauthentication = '', attributes = ''] = text('providers/README.md').split(/^## /m)
const rowsOf = (part: string) => part.split('\n').filter((line) => line.startsWith('| `'))
const kindsOf = (row: string) => [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, kind]) => String(kind))
const [, commented = ''] = /# Kind of upstream: (.*)\. Default/.exec(text('config/tenants/acme.example.yaml')) ?? []
const introductionOf = (page: string) => text(page).split('\n\n')[1]?.replaceAll('\n', ' ') ?? ''

describe('every kind is in', () => {
  it.each([
    ['the first table of providers/README.md', rowsOf(table).flatMap(kindsOf)],
    ['“Reauthentication” of providers/README.md', rowsOf(reauthentication).flatMap(kindsOf)],
    ['“Profile attributes” of providers/README.md', rowsOf(attributes).flatMap(kindsOf)],
    ['the comment on `kind` in config/tenants/acme.example.yaml', commented.split(', ')],
    ['src/cli/deployment/init/brands.ts', Object.keys(brandTemplates)],
  ])('%s, once', (_, listed) => expect(listed.toSorted()).toEqual(kinds.toSorted()))

  it('test/support/gatehouse/every-connection.ts', () =>
    expect(Object.keys(startEmulated).toSorted()).toEqual(upstreams.toSorted()))

  it('src/broker/sign-ins/setup-guides.ts', () =>
    expect(kinds.filter((kind) => setupFileOf(kind) === undefined)).toEqual([]))

  it('docs/sign-in-methods/index.md', () => {
    const page = text('docs/sign-in-methods/index.md')
    expect(kinds.filter((kind) => !page.includes(`(../../providers/${kind}/setup.md)`))).toEqual([])
  })
})

describe('every brand is in', () => {
  it.each(['README.md', 'docs/index.md'])('the first sentences of %s', (page) =>
    expect(brands.filter((name) => !introductionOf(page).includes(name))).toEqual([]),
  )

  it('src/broker/apps/look-alike.ts', () => expect(brands.filter((name) => !brandNames.includes(name))).toEqual([]))
})

it('ID-01 issuersOpenToAnyone of providers/oidc/brand-rules.ts has the default issuer of each brand that is open to anyone', () => {
  const client = { clientId: 'gatehouse', clientSecret: 'canary-client-secret' }
  const isOpen = ({ config, read }: Provider, more = {}) =>
    read?.({ email: 'ada@acme.test' }, config.parse({ ...client, ...more })).emailVerificationUnknown === undefined
  const issuerOf = ({ config }: Provider) =>
    z.object({ issuer: z.string() }).safeParse(config.safeParse(client).data).data?.issuer
  const issuers = providers.filter((one) => issuerOf(one) !== undefined && isOpen(one)).map(issuerOf)
  expect(issuers).toContain('https://gitlab.com')
  expect(issuers.filter((issuer) => !isOpen(oidc, { issuer }))).toEqual([])
  const issuer = 'https://accounts.google.com'
  const anyIssuer = providers.filter(({ read, config }) => read && config.safeParse({ ...client, issuer }).success)
  expect(anyIssuer.map(({ kind }) => kind)).toContain('okta')
  expect(anyIssuer.filter((one) => !isOpen(one, { issuer }))).toEqual([])
})

it('names in “Profile attributes” of providers/README.md attributes of the profile, in the order of the API', () => {
  const names = Object.values(attributeNames).flatMap((name) =>
    name === 'email' || name === 'phone_number' ? [name, `${name}_verified`] : [name],
  )
  const named = rowsOf(attributes).flatMap((row) => {
    const cells = row.split('|').slice(2, 4)
    return cells.map((cell) => [...cell.replace(/\([^()]*\)/g, '').matchAll(/[a-z_]+/g)].map(([name]) => name))
  })
  for (const list of named) expect(list).toEqual(names.filter((name) => list.includes(name)))
  expect(names.filter((name) => !named.flat().includes(name))).toEqual([])
})
