/** One rule for pages and API: what a page of a signed-in user does, the API does with the same permission. */
import { describe, expect, it } from 'vitest'
import { apiRoutes } from '../../../src/web/api/openapi/openapi.ts'
import { routes } from '../../../src/web/routes.ts'

/** Forms and pages → the call of the API. */
const calls: Readonly<Record<string, string>> = {
  'get /account': 'get /api/v1/users/me',
  'post /account/sign-out': 'delete /api/v1/session',
  'post /account/sessions/end-others': 'delete /api/v1/sessions',
  'post /account/sessions/end': 'delete /api/v1/sessions/:id',
  'post /account/identities/add': 'post /api/v1/identities',
  'get /account/identities/start': 'post /api/v1/identities',
  'post /account/identities/unlink': 'delete /api/v1/identities/:id',
  'post /account/identities/confirm': 'post /api/v1/identities/:id/confirm',
  'post /account/apps/revoke': 'delete /api/v1/consents/:appId',
  'get /account/developer': 'get /api/v1/tokens',
  'post /account/developer/tokens': 'post /api/v1/tokens',
  'post /account/developer/tokens/revoke': 'delete /api/v1/tokens',
  'post /account/developer/tokens/:id/rotate': 'post /api/v1/tokens/:id/rotate',
  'post /account/developer/tokens/:id/revoke': 'delete /api/v1/tokens/:id',
  'post /account/developer/tokens/:id/confirm': 'post /api/v1/tokens/:id/confirm',
  'post /account/developer/secrets': 'post /api/v1/developer/secrets',
  'post /account/developer/secrets/:id/rotate': 'post /api/v1/developer/secrets/:id/rotate',
  'post /account/developer/secrets/:id/revoke': 'delete /api/v1/developer/secrets/:id',
  'get /developer': 'get /api/v1/apps',
  'post /developer/apps/new': 'post /api/v1/apps',
  'get /developer/apps/:id': 'get /api/v1/apps/:id',
  'post /developer/apps/:id': 'patch /api/v1/apps/:id',
  'post /developer/apps/:id/delete': 'delete /api/v1/apps/:id',
  'post /developer/apps/:id/secrets': 'post /api/v1/apps/:id/secrets',
  'post /developer/apps/:id/secrets/revoke': 'delete /api/v1/apps/:id/secrets/:secretId',
  'post /developer/apps/:id/keys/generate': 'post /api/v1/apps/:id/keys',
  'post /developer/apps/:id/keys/upload': 'post /api/v1/apps/:id/keys',
  'post /developer/apps/:id/keys/set': 'post /api/v1/apps/:id/keys',
  'post /developer/apps/:id/keys/remove': 'delete /api/v1/apps/:id/keys/:keyId',
}

const nameOf = ({ method, path }: { readonly method: string; readonly path: string }) => `${method} ${path}`
const pages = routes([]).filter(
  ({ caller, permission }) => permission !== 'none' && !['api', 'headless'].includes(caller),
)
const forms = pages.filter(({ caller }) => caller === 'form')
/** A page that only asks before the form of the same path is sent. */
const asksFirst = (row: (typeof pages)[number]) =>
  row.method === 'get' && forms.some(({ path }) => path === row.path) && calls[nameOf(row)] === undefined

describe('a page of a signed-in user', () => {
  it('has a call of the API for each of its actions', () => {
    const rows = pages.filter((row) => !asksFirst(row))
    expect(rows.map(nameOf).toSorted()).toEqual(Object.keys(calls).toSorted())
  })

  it.each(pages.filter((row) => !asksFirst(row)))('$method $path needs the permission of that call', (row) => {
    const call = apiRoutes.find((route) => nameOf(route) === calls[nameOf(row)])
    expect(call?.permission).toBe(row.permission)
  })

  it.each(pages.filter(asksFirst))('$path asks with the permission of its form', ({ path, permission }) => {
    expect(forms.find((form) => form.path === path)?.permission).toBe(permission)
  })
})
