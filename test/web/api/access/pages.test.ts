/** One rule for pages and API: each form of a page has an operation with the same permission. */
import { describe, expect, it } from 'vitest'
import { apiRoutes } from '../../../../src/web/api/openapi/openapi.ts'
import { routes } from '../../../../src/web/routes.ts'

const forms = routes([]).filter(({ caller }) => caller === 'form')

/** Form → the operations that do the same. */
const operations: Readonly<Record<string, readonly string[]>> = {
  '/account/sign-out': ['deleteOwnSession'],
  '/account/sessions/end': ['deleteSession'],
  '/account/sessions/end-others': ['deleteOtherSessions'],
  '/account/identities/add': ['startLink'],
  '/account/identities/unlink': ['unlinkIdentity'],
  '/account/identities/confirm': ['confirmIdentity'],
  '/account/apps/revoke': ['deleteConsent'],
  '/account/developer/tokens': ['createToken'],
  '/account/developer/tokens/revoke': ['revokeTokens'],
  '/account/developer/tokens/:id/rotate': ['rotateToken'],
  '/account/developer/tokens/:id/revoke': ['revokeToken'],
  '/account/developer/tokens/:id/confirm': ['confirmToken'],
  '/account/developer/secrets': ['createDeveloperSecret'],
  '/account/developer/secrets/:id/rotate': ['rotateDeveloperSecret'],
  '/account/developer/secrets/:id/revoke': ['revokeDeveloperSecret'],
  '/developer/apps/new': ['registerApp'],
  '/developer/apps/:id': ['updateApp'],
  '/developer/apps/:id/delete': ['deleteApp'],
  '/developer/apps/:id/secrets': ['rotateSecret'],
  '/developer/apps/:id/secrets/revoke': ['revokeSecret'],
  '/developer/apps/:id/keys/generate': ['addKey'],
  '/developer/apps/:id/keys/upload': ['addKey'],
  '/developer/apps/:id/keys/set': ['addKey'],
  '/developer/apps/:id/keys/remove': ['deleteKey'],
  // before there is a user, so the permission of both is none
  '/login': ['createSession'],
  '/sign-up': ['requestSignUp'],
  '/t/:tenant/:connection/verify': ['completeSignUp'],
  '/forgot': ['requestPasswordReset'],
  '/t/:tenant/:connection/reset': ['completePasswordReset'],
}

/** Forms without an operation, and why. */
const exceptions: Readonly<Record<string, string>> = {
  '/link': 'a step of a browser sign-in: declines to link, and is bound to the browser that signs in',
  '/consent/:uid': 'a step of an authorization request: only the user may consent, on a page that names the app',
}

describe('pages and API', () => {
  it('every form has an operation of the API, or is an exception with a reason', () => {
    const known = [...Object.keys(operations), ...Object.keys(exceptions)]
    expect(known.toSorted()).toEqual(forms.map(({ path }) => path).toSorted())
  })

  it.each(Object.entries(operations))('%s requires the same permission as %j', (path, ids) => {
    const form = forms.find((row) => row.path === path)
    const required = apiRoutes.filter(({ id }) => ids.includes(id)).map(({ permission }) => permission)
    expect(required).toHaveLength(ids.length)
    expect(new Set(required)).toEqual(new Set([form?.permission]))
  })

  it('a page to look at has an operation that reads the same, with the same permission', () => {
    const pages = routes([]).filter(
      ({ method, caller, permission }) => method === 'get' && caller !== 'api' && permission !== 'none',
    )
    const reads = new Set(apiRoutes.map(({ permission }) => permission))
    expect(pages.length).toBeGreaterThan(0)
    expect(pages.filter(({ permission }) => !reads.has(permission)).map(({ path }) => path)).toEqual([])
  })
})
