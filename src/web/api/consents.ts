/** `/api/v1/consents`: the apps that have access to the user's account. */
import { z } from 'zod'
import { revokeConsent } from '../../broker/apps/consent.ts'
import { GatehouseError } from '../../errors.ts'
import { isoTime } from '../../http/iso-time.ts'
import { appNameOf, consentsOf } from '../account/apps/connected-apps.ts'
import { answer, apiRoute } from './route.ts'
import { schemas } from './schemas.ts'

export const consentRoutes = [
  apiRoute('listConsents', 'get', '/api/v1/consents', {
    caller: 'session',
    permission: 'consents:read',
    fromReturnOrigins: true,
    summary: 'List the apps that have access: by consent, or as first-party apps with a grant',
    answer: answer(200, 'Consents, newest first; then first-party apps.', schemas.ConsentList, {
      consents: [
        {
          app: { id: 'shop', name: 'Shop' },
          scopes: ['openid', 'email'],
          firstGrantedAt: '2026-11-01T10:00:00Z',
          grantedAt: '2026-11-22T09:31:00Z',
        },
      ],
    }),
    handler: async ({ shell, caller }) => {
      const consents = (await consentsOf(shell, caller)).map(async (consent) => ({
        app: { id: consent.appId, name: await appNameOf(shell, consent.appId) },
        scopes: consent.scopes,
        firstGrantedAt: isoTime(consent.firstGrantedAt),
        grantedAt: isoTime(consent.grantedAt),
        ...(consent.firstParty && { firstParty: consent.firstParty }),
      }))
      return { consents: await Promise.all(consents) }
    },
  }),
  apiRoute('deleteConsent', 'delete', '/api/v1/consents/:appId', {
    caller: 'session',
    permission: 'consents:write',
    fromReturnOrigins: true,
    summary: 'Revoke a consent',
    description: "The app's tokens for this user stop working at once.",
    params: z.object({ appId: z.string().describe('ID of the app.') }),
    answer: answer(204, 'The consent is revoked.'),
    errors: ['not_found'],
    handler: async ({ shell, caller, params }) => {
      if (!(await revokeConsent(shell.parts, caller, params.appId)))
        throw new GatehouseError('not_found', 'the user gave no consent to this app')
    },
  }),
]
