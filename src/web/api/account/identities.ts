/** `/api/v1/identities`: the sign-in methods of the user. Changes need a recent sign-in. */
import { z } from 'zod'
import { issueLinkStart } from '../../../broker/identity/account/link-start.ts'
import { type ListedMethods, listMethods } from '../../../broker/identity/listed-methods.ts'
import { identityName } from '../../../broker/identity/sign-in-methods.ts'
import { confirmIdentity } from '../../../broker/identity/suspend-identities.ts'
import { unlinkIdentity } from '../../../broker/identity/unlink-identity.ts'
import type { Session } from '../../../broker/session/session.ts'
import { GatehouseError } from '../../../errors.ts'
import { connectionLabel } from '../../../http/connection-labels.ts'
import { isoTime } from '../../../http/iso-time.ts'
import { linkStartPath } from '../../account/sign-in-methods/identities.ts'
import type { Shell } from '../../shell.ts'
import { answer, apiRoute } from '../route.ts'
import { schemas } from '../schemas.ts'

const params = z.object({ id: z.string().max(64).describe('ID of the sign-in method.') })
const id = 'Yx2c0mWqk4JtQ8rV1aZ9Lw'

const exampleList = {
  identities: [
    {
      id,
      connection: 'okta',
      label: 'Okta',
      issuer: 'https://acme.okta.com',
      subject: '00u1a2b3c4',
      knownAs: 'ada@acme.test',
      lastUsedAt: '2026-11-22T09:30:00Z',
      usable: true,
      suspended: false,
    },
  ],
  addable: [{ connection: 'google', label: 'Google', by: 'link' }],
  fresh: true,
}

const unknown = () => new GatehouseError('identity_unknown', 'the user has no such sign-in method')

export const identityRoutes = [
  apiRoute('listIdentities', 'get', '/api/v1/identities', {
    caller: 'session',
    permission: 'identities:read',
    fromReturnOrigins: true,
    summary: 'List the sign-in methods that the user has and could add',
    answer: answer(200, 'The sign-in methods of the user.', schemas.IdentityList, exampleList),
    handler: async ({ shell, caller, browser }) => {
      const { users, connections } = shell.parts
      const [user, identities] = await Promise.all([
        users.find(caller.tenant, caller.userId),
        users.identitiesOf(caller.tenant, caller.userId),
      ])
      const name = browser.nameFor(connections.tenant(caller.tenant))
      return identitiesView(shell, caller, listMethods(shell.parts, caller, { user, identities, browser: name }))
    },
  }),
  apiRoute('startLink', 'post', '/api/v1/identities', {
    caller: 'session',
    permission: 'identities:write',
    fromReturnOrigins: true,
    summary: 'Start adding a sign-in method',
    description:
      'Returns a URL that the page sends the browser to. The browser signs in at the upstream and returns to `returnTo`. It must hold the session cookie there, so the page must be on the site of Gatehouse, and the session in the cookie.',
    body: { schema: schemas.NewLink, example: { connection: 'google', returnTo: 'https://app.acme.test/settings' } },
    answer: answer(201, 'Ready to start.', schemas.LinkStart, {
      url: `https://login.acme.test${linkStartPath}?code=kG1w3nWq0y5sZ2bT7uVx4A.EXAMPLE`,
    }),
    errors: ['fresh_sign_in_required', 'connection_unknown', 'return_to_refused'],
    handler: async ({ shell, caller, body, browser }) => {
      browser.assertCanOpenPages(caller)
      const { connection, returnTo = '/account' } = body
      const url = new URL(linkStartPath, shell.publicUrl)
      url.searchParams.set('code', await issueLinkStart(shell.parts, caller, { connection, returnTo }))
      return { url: url.href }
    },
  }),
  apiRoute('unlinkIdentity', 'delete', '/api/v1/identities/:id', {
    caller: 'session',
    permission: 'identities:write',
    fromReturnOrigins: true,
    summary: 'Remove a sign-in method of the user',
    description: "Sessions that were started with it end, except the caller's.",
    params,
    answer: answer(204, 'The sign-in method is removed.'),
    errors: ['fresh_sign_in_required', 'identity_unknown', 'identity_last'],
    handler: async ({ shell, caller, params }) => {
      const { outcome } = await unlinkIdentity(shell.parts, caller, params.id)
      if (outcome === 'unknown') throw unknown()
      if (outcome === 'last') throw new GatehouseError('identity_last', 'the only sign-in method stays')
    },
  }),
  apiRoute('confirmIdentity', 'post', '/api/v1/identities/:id/confirm', {
    caller: 'session',
    permission: 'identities:write',
    fromReturnOrigins: true,
    summary: 'Confirm a sign-in method that a password reset suspended',
    params,
    answer: answer(204, 'The sign-in method works again.'),
    errors: ['fresh_sign_in_required', 'identity_unknown'],
    handler: async ({ shell, caller, params }) => {
      const isMeant = (identity: Parameters<typeof identityName>[0]) => identityName(identity) === params.id
      if ((await confirmIdentity(shell.parts, caller, isMeant)) === null) throw unknown()
    },
  }),
]

function identitiesView({ parts }: Shell, { tenant }: Session, { identities, addable, fresh }: ListedMethods) {
  const labelOf = (connection: string) => connectionLabel(parts.connections, tenant, connection)
  return {
    identities: identities.map(({ id, identity, knownAs, usable }) => ({
      id,
      connection: identity.connection,
      label: labelOf(identity.connection),
      issuer: identity.issuer,
      subject: identity.subject,
      knownAs,
      lastUsedAt: isoTime(identity.lastLoginAt),
      usable,
      suspended: identity.suspendedAt !== undefined,
    })),
    addable: addable.map(({ connection: { settings }, mailTo }) => ({
      connection: settings.id,
      label: labelOf(settings.id),
      by: mailTo === undefined ? ('link' as const) : ('mail' as const),
    })),
    fresh,
  }
}
