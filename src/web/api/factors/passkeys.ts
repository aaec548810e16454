/** Passkeys by the API, for headless pages and native apps (docs/users/passkeys.md). */
import { z } from 'zod'
import { assertMayChangeFactors } from '../../../broker/factors/may-change.ts'
import { passkeyAssertionOptions } from '../../../broker/factors/passkeys/assertion.ts'
import { challengeSeconds } from '../../../broker/factors/passkeys/challenges.ts'
import { passkeyCreationOptions, registerPasskey } from '../../../broker/factors/passkeys/registration.ts'
import { assertOffered, signInWithPasskey } from '../../../broker/factors/passkeys/sign-in.ts'
import { confirmPasskey } from '../../../broker/factors/passkeys/suspend-passkeys.ts'
import { enforceSourceLimit } from '../../../broker/limits/rate-limits.ts'
import { answer, apiRoute } from '../route.ts'
import { schemas } from '../schemas.ts'
import { cookieErrors, openedAnswer, openedSessionView, requiredTenant } from '../sessions/opened-session.ts'
import { authenticatorView, exampleAuthenticator } from './factor-views.ts'

const path = '/api/v1/user/authenticators/passkeys'
const write = { caller: 'session', permission: 'factors:write', fromReturnOrigins: true } as const
const anyone = { caller: 'anyone', permission: 'none', fromReturnOrigins: true } as const
const challenge = 'kG1w3nWq0y5sZ2bT7uVx4AkG1w3nWq0y5sZ2bT7uVx4'
const credential = { id: 'Yx2c0mWqk4JtQ8rV', rawId: 'Yx2c0mWqk4JtQ8rV', type: 'public-key' }
const expiresIn = challengeSeconds

export const passkeySignInRoutes = [
  apiRoute('createPasskeyChallenge', 'post', '/api/v1/passkeys/challenge', {
    ...anyone,
    summary: 'Start a sign-in with a passkey',
    description: 'Pages have to be on the public origin, or on one of `passkeys.relatedOrigins` of the deployment.',
    body: { schema: schemas.PasskeyChallengeRequest, example: { tenant: 'acme' } },
    answer: answer(200, 'Options with a new challenge.', schemas.PasskeyOptions, {
      options: { challenge, rpId: 'login.acme.test', timeout: 300_000, userVerification: 'required' },
      expiresIn,
    }),
    errors: ['passkeys_unavailable', 'connection_unknown', 'too_many_attempts'],
    handler: async ({ shell: { parts, defaultTenant }, body, client }) => {
      const tenant = parts.connections.tenant(requiredTenant(body.tenant ?? defaultTenant))
      assertOffered(parts, tenant)
      await enforceSourceLimit(parts.counters, 'passkey-challenge', client.source, tenant.id)
      return { options: { ...(await passkeyAssertionOptions(parts, { tenant: tenant.id })) }, expiresIn }
    },
  }),
  apiRoute('createPasskeySession', 'post', '/api/v1/sessions/passkey', {
    ...anyone,
    summary: 'Sign in with a passkey',
    description: 'A passkey counts as two factors: no second factor is required.',
    body: { schema: schemas.PasskeySignIn, example: { tenant: 'acme', response: { ...credential, response: {} } } },
    answer: openedAnswer,
    errors: [
      ...(['passkey_invalid', 'passkeys_unavailable', 'factor_not_allowed', 'sso_required'] as const),
      ...(['connection_unknown', 'user_blocked', 'user_revoked', 'too_many_attempts'] as const),
      ...cookieErrors,
    ],
    handler: async ({ shell, body, client, browser }) => {
      const tenant = shell.parts.connections.tenant(requiredTenant(body.tenant ?? shell.defaultTenant))
      if (body.cookie === true) browser.assertMayKeep(tenant)
      const { response } = body
      const answer = { response, device: client.device, source: client.source }
      const finished = await signInWithPasskey(shell.parts, { tenant: tenant.id, returnTo: '/' }, answer)
      if (finished.outcome === 'refused') return { refused: finished }
      if (body.cookie === true) await browser.keep(finished)
      return openedSessionView(finished, body)
    },
  }),
]

export const passkeyRoutes = [
  apiRoute('startPasskey', 'post', `${path}/challenge`, {
    ...write,
    summary: 'Start to create a passkey',
    answer: answer(200, 'Options with a new challenge, for this session.', schemas.PasskeyOptions, {
      options: { challenge, rp: { id: 'login.acme.test', name: 'Acme' }, attestation: 'none' },
      expiresIn,
    }),
    errors: ['fresh_sign_in_required', 'authenticators_full', 'passkeys_unavailable', 'factor_not_allowed'],
    handler: async ({ shell: { parts }, caller }) => {
      await assertMayChangeFactors(parts, caller)
      return { options: { ...(await passkeyCreationOptions(parts, caller)) }, expiresIn }
    },
  }),
  apiRoute('createPasskey', 'post', path, {
    ...write,
    summary: 'Store a new passkey of the user',
    description: 'The proven addresses of the user get an email, by which they can undo it for 7 days.',
    body: { schema: schemas.NewPasskey, example: { response: { ...credential, response: {} }, name: 'Work laptop' } },
    answer: answer(201, 'The user can sign in with it.', schemas.ListedAuthenticator, {
      ...exampleAuthenticator,
      kind: 'passkey',
      name: 'Work laptop',
    }),
    location: ({ id }) => `/api/v1/user/authenticators/${id}`,
    errors: [
      'passkey_invalid',
      'fresh_sign_in_required',
      'authenticators_full',
      'passkeys_unavailable',
      'factor_not_allowed',
    ],
    handler: async ({ shell: { parts }, caller, body }) => {
      await assertMayChangeFactors(parts, caller)
      return authenticatorView(await registerPasskey(parts, caller, body.response, body.name))
    },
  }),
  apiRoute('confirmPasskey', 'post', `${path}/:id/confirm`, {
    ...write,
    summary: 'Confirm a passkey that a reset of the password suspended',
    description: '`suspended` in the list of authenticators says which. Until then it is a second factor only.',
    params: z.object({ id: z.string().max(64).describe('ID of the passkey.') }),
    answer: answer(204, 'The user can sign in with it again.'),
    errors: ['fresh_sign_in_required', 'authenticator_unknown'],
    handler: async ({ shell: { parts }, caller, params: { id } }) => {
      await assertMayChangeFactors(parts, caller)
      await confirmPasskey(parts, caller, id)
    },
  }),
]
