/**
 * `/api/v1/user/authenticators`: second factors of the signed-in user. Changes need a recent sign-
 * in.
 */
import { z } from 'zod'
import { removeAuthenticator, renameAuthenticator } from '../../../broker/factors/authenticators.ts'
import { createRecoveryCodes } from '../../../broker/factors/create-recovery-codes.ts'
import { confirmTotp, enrollmentSeconds, startTotp } from '../../../broker/factors/enroll-totp.ts'
import { factorsOf } from '../../../broker/factors/factors-of.ts'
import { assertMayChangeFactors, assertMayFinishSetup } from '../../../broker/factors/may-change.ts'
import { qrCodeSvg } from '../../account/factors/qr-code.tsx'
import { answer, apiRoute } from '../route.ts'
import { schemas } from '../schemas.ts'
import { authenticatorView, exampleAuthenticator, exampleFactors, factorsView } from './factor-views.ts'

const path = '/api/v1/user/authenticators'
const params = z.object({ id: z.string().max(64).describe('ID of the authenticator.') })
const write = { caller: 'session', permission: 'factors:write', fromReturnOrigins: true } as const
const enrollment = 'kG1w3nWq0y5sZ2bT7uVx4A.EXAMPLE0000000000000000000000000000000000000'
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

export const authenticatorRoutes = [
  apiRoute('listAuthenticators', 'get', path, {
    caller: 'session',
    permission: 'factors:read',
    fromReturnOrigins: true,
    summary: 'List the second factors of the user',
    answer: answer(
      200,
      'Authenticator apps, passkeys, and how many recovery codes are left.',
      schemas.AuthenticatorList,
      exampleFactors,
    ),
    handler: async ({ shell, caller }) => factorsView(await factorsOf(shell.parts, caller)),
  }),
  apiRoute('startTotp', 'post', `${path}/totp`, {
    ...write,
    summary: 'Start to set up an authenticator app',
    description:
      'The app becomes a second factor once it is confirmed, within ten minutes. A new start replaces an earlier one.',
    answer: answer(201, 'Show the QR code or the secret.', schemas.TotpSetup, {
      enrollment,
      secret,
      uri: `otpauth://totp/Acme:ada%40acme.test?issuer=Acme&secret=${secret}&algorithm=SHA1&digits=6&period=30`,
      qrCode: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 49 49">…</svg>',
      expiresIn: enrollmentSeconds,
    }),
    errors: ['fresh_sign_in_required', 'authenticators_full', 'factor_not_allowed'],
    handler: async ({ shell: { parts }, caller }) => {
      await assertMayChangeFactors(parts, caller)
      const started = await startTotp(parts, caller)
      return { ...started, qrCode: qrCodeSvg(started.uri), expiresIn: enrollmentSeconds }
    },
  }),
  apiRoute('confirmTotp', 'post', `${path}/totp/confirm`, {
    ...write,
    summary: 'Confirm an authenticator app with its first code',
    description: 'A wrong code does not end the setup.',
    body: { schema: schemas.TotpConfirmation, example: { enrollment, code: '492039', name: 'Phone' } },
    answer: answer(201, 'The app is a second factor now.', schemas.ListedAuthenticator, exampleAuthenticator),
    location: ({ id }) => `${path}/${id}`,
    errors: [
      'factor_invalid',
      'enrollment_expired',
      'authenticators_full',
      'fresh_sign_in_required',
      'factor_not_allowed',
    ],
    handler: async ({ shell: { parts }, caller, body }) => {
      await assertMayFinishSetup(parts, caller)
      return authenticatorView(await confirmTotp(parts, caller, body))
    },
  }),
  apiRoute('renameAuthenticator', 'patch', `${path}/:id`, {
    ...write,
    summary: 'Rename an authenticator app or a passkey',
    params,
    body: { schema: schemas.NewAuthenticatorName, example: { name: 'Old phone' } },
    answer: answer(200, 'The renamed factor.', schemas.ListedAuthenticator, {
      ...exampleAuthenticator,
      name: 'Old phone',
    }),
    errors: ['fresh_sign_in_required', 'authenticator_unknown'],
    handler: async ({ shell: { parts }, caller, params, body }) => {
      await assertMayChangeFactors(parts, caller)
      return authenticatorView(await renameAuthenticator(parts, caller, params.id, body.name))
    },
  }),
  apiRoute('deleteAuthenticator', 'delete', `${path}/:id`, {
    ...write,
    summary: 'Remove an authenticator app or a passkey',
    description: 'Remembered devices are forgotten. Without another factor, the recovery codes are deleted too.',
    params,
    answer: answer(204, 'The factor no longer works.'),
    errors: ['fresh_sign_in_required', 'authenticator_unknown', 'factor_last'],
    handler: async ({ shell: { parts }, caller, params }) => {
      await assertMayChangeFactors(parts, caller)
      await removeAuthenticator(parts, caller, params.id)
    },
  }),
  apiRoute('createRecoveryCodes', 'post', '/api/v1/user/recovery-codes', {
    ...write,
    summary: 'Create recovery codes',
    description: 'Earlier recovery codes no longer work.',
    answer: answer(201, 'Show them once: only hashes are stored.', schemas.NewRecoveryCodes, {
      codes: ['k7m2p-x9qd4', 'w3n8r-h5tvy'],
    }),
    errors: ['fresh_sign_in_required', 'factor_missing', 'too_many_attempts'],
    handler: async ({ shell: { parts }, caller }) => {
      await assertMayChangeFactors(parts, caller)
      const { codes } = await createRecoveryCodes(parts, caller)
      return { codes }
    },
  }),
]
