/** One rule for pages and API: each form of a page has an operation with the same permission. */
import { describe, expect, it } from 'vitest'
import { apiRoutes } from '../../../../src/web/api/openapi/openapi.ts'
import { routes } from '../../../../src/web/routes.ts'

const forms = routes([]).filter(({ caller }) => caller === 'form' || caller === 'administrator form')

/** Form → the operations that do the same. */
const operations: Readonly<Record<string, readonly string[]>> = {
  '/account/sign-out': ['deleteOwnSession'],
  '/account/sessions/end': ['deleteSession'],
  '/account/sessions/end-others': ['deleteOtherSessions'],
  '/account/identities/add': ['startLink'],
  '/account/identities/unlink': ['unlinkIdentity'],
  '/account/identities/confirm': ['confirmIdentity'],
  '/account/security/confirm': ['stepUp'],
  '/account/security/password': ['changePassword'],
  '/account/security/authenticator-app': ['startTotp'],
  '/account/security/authenticator-app/confirm': ['confirmTotp'],
  '/account/security/authenticator-app/:id/rename': ['renameAuthenticator'],
  '/account/security/authenticator-app/:id/remove': ['deleteAuthenticator'],
  '/account/security/recovery-codes': ['createRecoveryCodes'],
  '/account/security/devices/forget': ['deleteRememberedDevice'],
  '/account/security/devices/forget-all': ['deleteRememberedDevices'],
  '/account/name': ['updateUser'],
  '/account/name/reset': ['updateUser'],
  '/account/delete': ['requestDeletion'],
  '/account/delete/keep': ['cancelDeletion'],
  '/account/apps/revoke': ['deleteConsent'],
  '/account/security/passkeys/options': ['startPasskey'],
  '/account/security/passkeys': ['createPasskey'],
  '/account/security/passkeys/:id/rename': ['renameAuthenticator'],
  '/account/security/passkeys/:id/confirm': ['confirmPasskey'],
  '/account/security/passkeys/:id/remove': ['deleteAuthenticator'],
  '/account/developer/tokens': ['createToken'],
  '/account/developer/tokens/revoke': ['revokeTokens'],
  '/account/developer/tokens/:id/rotate': ['rotateToken'],
  '/account/developer/tokens/:id/revoke': ['revokeToken'],
  '/account/developer/tokens/:id/confirm': ['confirmToken'],
  '/account/developer/secrets': ['createDeveloperSecret'],
  '/account/developer/secrets/:id/rotate': ['rotateDeveloperSecret'],
  '/account/developer/secrets/:id/revoke': ['revokeDeveloperSecret'],
  '/developer/apps/new': ['registerApp'],
  '/developer/apps/:id/settings': ['updateApp'],
  '/developer/apps/:id/delete': ['deleteApp'],
  '/developer/apps/:id/secrets': ['rotateSecret'],
  '/developer/apps/:id/secrets/revoke': ['revokeSecret'],
  '/developer/apps/:id/keys/generate': ['addKey'],
  '/developer/apps/:id/keys/download': ['addKey'],
  '/developer/apps/:id/keys/upload': ['addKey'],
  '/developer/apps/:id/keys/set': ['addKey'],
  '/developer/apps/:id/keys/remove': ['deleteKey'],
  '/admin/sign-ins/:reference/links': ['shareSignIn'],
  '/admin/connections/:tenant/:connection/probe': ['probeConnection'],
  '/admin/connections/:tenant/:connection/setup-link': ['createSetupLink'],
  '/admin/connections/:tenant/:connection/setup-link/revoke': ['revokeSetupLink'],
  '/admin/keys/rotate': ['rotateSigningKeys'],
  '/admin/keys/:id/retire': ['retireSigningKey'],
  '/admin/apps/:id/disable': ['disableApp'],
  '/admin/apps/:id/enable': ['enableApp'],
  '/admin/users/service-accounts': ['createServiceAccount'],
  '/admin/users/:id/sessions/:item/end': ['endUserSession'],
  '/admin/users/:id/sessions/end': ['endUserSessions'],
  '/admin/users/:id/block': ['blockUser'],
  '/admin/users/:id/unblock': ['unblockUser'],
  '/admin/users/:id/factors/reset': ['resetUserAuthenticators'],
  '/admin/users/:id/password/reset': ['mailPasswordReset'],
  '/admin/users/:id/tokens/:item/revoke': ['revokeUserToken'],
  '/admin/users/:id/tokens/revoke': ['revokeUserTokens'],
  '/admin/users/:id/consents/:item/revoke': ['revokeUserConsent'],
  '/admin/users/:id/roles/:item/assign': ['assignRole'],
  '/admin/users/:id/roles/:item/remove': ['removeRole'],
  // before there is a user, so the permission of both is none
  '/login': ['createSession'],
  '/login/passkey/options': ['createPasskeyChallenge'],
  '/login/passkey': ['createPasskeySession'],
  '/login/second-factor': ['proveSecondFactor'],
  '/login/email': ['requestEmailCode'],
  '/login/code': ['completeEmailCode'],
  '/t/:tenant/:connection/sign-in': ['completeEmailCode'],
  '/sign-up': ['requestSignUp'],
  '/t/:tenant/:connection/verify': ['completeSignUp'],
  '/forgot': ['requestPasswordReset'],
  '/t/:tenant/:connection/reset': ['completePasswordReset'],
}

/** Forms without an operation, and why. */
const exceptions: Readonly<Record<string, string>> = {
  '/login/second-factor/passkey-options': 'for the script of the page: a challenge, which proves nothing by itself',
  '/login/second-factor/setup/passkey-options': 'the same, for a passkey to create before the session',
  '/t/:tenant/:connection/setup/:code/test': 'behind the link to a setup page; administrators have probeConnection',
  '/account/email': 'emails a link that works in a browser of the user only',
  '/account/email/verify': 'behind that link',
  '/login/second-factor/setup':
    'a step of a browser sign-in, before the session; a signed-in user has the operations of factors',
  '/account/delete/cancel': 'behind an emailed link, whose code is all it needs',
  '/account/security/recovery-codes/download':
    'turns the codes that the page shows into a file; an app has them already',
  '/login/recover': 'a step of a browser sign-in, bound to the browser',
  '/login/recover/confirm': 'an emailed link, which starts the delay of a recovery',
  '/account/security/recovery/cancel':
    'keeps the second factors, as the emailed link does: for a user who sees the warning',
  '/account/recovery': 'an emailed link, which completes or cancels a recovery',
  '/account/undo': 'an emailed link, for a user whose session may be stolen: it leads to a page that says what happens',
  '/login/passkey/offer': 'remembers "Not now" in the browser',
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
