import { z } from 'zod'
import { formRoute, parsedRoute, publicRoute, type WebRoute } from '../route.ts'
import { declineOffer, readOffer, showOffer } from './offer.ts'
import {
  readNewPasskey,
  readPasskeysQuery,
  sendCreationOptions,
  showPasskey,
  showPasskeys,
  showRemoval,
  submitConfirmation,
  submitNewPasskey,
  submitRemoval,
  submitRename,
} from './own-passkeys.ts'
import { creationOptionsPath, offerPath, passkeysPath } from './paths.ts'
import { sendRelatedOrigins } from './related-origins.ts'
import { readPasskeyAnswer, readPasskeyLogin, sendSignInOptions, submitPasskeyLogin } from './sign-in.ts'

const form = { method: 'post', caller: 'form' } as const
const page = { method: 'get', caller: 'anyone', permission: 'factors:read' } as const
const one = `${passkeysPath}/:id`

export const passkeyRoutes: readonly WebRoute[] = [
  parsedRoute({ ...form, path: '/login/passkey/options', permission: 'none' }, readPasskeyLogin, sendSignInOptions),
  parsedRoute(
    { ...form, path: '/login/passkey', permission: 'none', page: '/login' },
    readPasskeyAnswer,
    submitPasskeyLogin,
  ),
  parsedRoute({ ...page, path: offerPath }, readOffer, showOffer),
  parsedRoute({ ...form, path: offerPath, permission: 'factors:read' }, readOffer, declineOffer),
  parsedRoute({ ...page, path: passkeysPath }, readPasskeysQuery, showPasskeys),
  parsedRoute({ ...form, path: passkeysPath, permission: 'factors:write' }, readNewPasskey, submitNewPasskey),
  formRoute(
    creationOptionsPath,
    'factors:write',
    z.object({ conditional: z.string().max(5).optional() }),
    sendCreationOptions,
  ),
  { ...page, path: one, handler: showPasskey },
  { ...formRoute(`${one}/rename`, 'factors:write', z.object({ name: z.string().max(60) }), submitRename), page: one },
  { ...formRoute(`${one}/confirm`, 'factors:write', z.object({}), submitConfirmation), page: one },
  { ...page, path: `${one}/remove`, handler: showRemoval },
  formRoute(`${one}/remove`, 'factors:write', z.object({}), submitRemoval),
  publicRoute('/.well-known/webauthn', sendRelatedOrigins),
]
