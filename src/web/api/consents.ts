/** `/api/v1/consents`: the apps that have access to the user's account. */
import { z } from 'zod'
import { withdrawConsent } from '../../broker/apps/consent.ts'
import { GatehouseError } from '../../errors.ts'
import { isoTime } from '../../http/iso-time.ts'
import { appNameOf, consentsOf } from '../account/connected-apps.ts'
import { apiRoute } from './route.ts'
import { schemas } from './schemas.ts'

export const consentRoutes = [
  apiRoute({
    id: 'listConsents',
    method: 'get',
    path: '/api/v1/consents',
    caller: 'session',
    summary: 'List the apps that have access: by consent, or as first-party apps with a grant',
    responses: {
      200: {
        description: 'Consents, newest first; then first-party apps.',
        schema: schemas.ConsentList,
        example: {
          consents: [
            {
              app: { id: 'shop', name: 'Shop' },
              scopes: ['openid', 'email'],
              firstGrantedAt: '2026-11-01T10:00:00Z',
              grantedAt: '2026-11-22T09:31:00Z',
            },
          ],
        },
      },
    },
    handler: async ({ shell, caller }) => {
      const consents = (await consentsOf(shell, caller)).map(
        async ({ appId, scopes, firstGrantedAt, grantedAt, firstParty }) => ({
          app: { id: appId, name: await appNameOf(shell, appId) },
          scopes,
          firstGrantedAt: isoTime(firstGrantedAt),
          grantedAt: isoTime(grantedAt),
          ...(firstParty && { firstParty }),
        }),
      )
      return { status: 200, body: { consents: await Promise.all(consents) } }
    },
  }),
  apiRoute({
    id: 'deleteConsent',
    method: 'delete',
    path: '/api/v1/consents/:appId',
    caller: 'session',
    summary: 'Withdraw a consent',
    description: "The app's tokens for this user stop working at once.",
    params: z.object({ appId: z.string().describe('Id of the app.') }),
    responses: { 204: { description: 'The consent is withdrawn.' } },
    errors: ['not_found'],
    handler: async ({ shell, caller, params }) => {
      if (!(await withdrawConsent(shell.parts, caller, params.appId)))
        throw new GatehouseError('not_found', 'the user gave no consent to this app')
      return { status: 204 }
    },
  }),
]
