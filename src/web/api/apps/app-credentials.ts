/** `/api/v1/apps/{id}/secrets` and `/keys`: the credentials of a developer's app. */
import { z } from 'zod'
import { revealSecrets, revokeSecret, rotateSecret } from '../../../broker/apps/client-secrets.ts'
import { addKeySet, addPublicKey, createKeyPair, removeKey } from '../../../broker/apps/keys.ts'
import type { AppActor } from '../../../broker/apps/ownership.ts'
import type { Shell } from '../../shell.ts'
import { exampleKey, exampleSecret } from '../openapi/examples.ts'
import { answer, apiRoute } from '../route.ts'
import { schemas } from '../schemas.ts'
import { keyView, revealedSecretView } from './app-views.ts'

const params = z.object({ id: z.string().describe('ID of the app.') })

export const appCredentialRoutes = [
  apiRoute('listSecrets', 'get', '/api/v1/apps/:id/secrets', {
    caller: 'developer',
    permission: 'apps:read',
    acceptsDeveloperSecret: true,
    summary: 'List the client secrets of an app',
    params,
    answer: answer(200, 'At most two.', schemas.SecretList, { secrets: [exampleSecret] }),
    errors: ['app_unknown'],
    handler: async ({ shell, caller, params }) => {
      const secrets = await revealSecrets(shell.parts, caller, params.id)
      return { secrets: secrets.map(revealedSecretView) }
    },
  }),
  apiRoute('rotateSecret', 'post', '/api/v1/apps/:id/secrets', {
    caller: 'developer',
    permission: 'apps:write',
    acceptsDeveloperSecret: true,
    summary: 'Create a client secret',
    description: 'The previous secret still works for `overlapSeconds`.',
    params,
    body: { schema: schemas.NewSecret, example: { overlapSeconds: 86_400 } },
    answer: answer(201, 'The new secret.', schemas.Secret, exampleSecret),
    errors: ['app_unknown', 'app_invalid', 'server_busy', 'fresh_sign_in_required'],
    handler: async ({ shell, caller, params, body }) => {
      const { secret, text } = await rotateSecret(shell.parts, caller, params.id, body)
      return revealedSecretView({ ...secret, text, withheld: false })
    },
  }),
  apiRoute('revokeSecret', 'delete', '/api/v1/apps/:id/secrets/:secretId', {
    caller: 'developer',
    permission: 'apps:write',
    acceptsDeveloperSecret: true,
    summary: 'Revoke a client secret',
    params: params.extend({ secretId: z.string().describe('ID of the secret.') }),
    answer: answer(204, 'The secret stopped working.'),
    errors: ['app_unknown', 'server_busy', 'fresh_sign_in_required'],
    handler: ({ shell, caller, params }) => revokeSecret(shell.parts, caller, params.id, params.secretId),
  }),
  apiRoute('addKey', 'post', '/api/v1/apps/:id/keys', {
    caller: 'developer',
    permission: 'apps:write',
    acceptsDeveloperSecret: true,
    summary: 'Generate or add a key',
    params,
    body: { schema: schemas.NewKey, example: { name: 'Server in Berlin', generate: true } },
    answer: answer(201, 'The key. If it was generated, its private key too.', schemas.CreatedKey, {
      ...exampleKey,
      privateKey: '-----BEGIN PRIVATE KEY-----\n…',
    }),
    errors: ['app_unknown', 'app_invalid', 'server_busy', 'fresh_sign_in_required'],
    handler: ({ shell, caller, params, body }) => addedKey(shell, caller, params.id, body),
  }),
  apiRoute('deleteKey', 'delete', '/api/v1/apps/:id/keys/:keyId', {
    caller: 'developer',
    permission: 'apps:write',
    acceptsDeveloperSecret: true,
    summary: 'Remove a key',
    params: params.extend({ keyId: z.string().describe('ID of the key.') }),
    answer: answer(204, 'The key stopped working.'),
    errors: ['app_unknown', 'server_busy', 'fresh_sign_in_required'],
    handler: ({ shell, caller, params }) => removeKey(shell.parts, caller, params.id, params.keyId),
  }),
]

/** @param body a key to generate, to upload, or the URL of a set */
export async function addedKey({ parts }: Shell, actor: AppActor, id: string, body: z.output<typeof schemas.NewKey>) {
  const { name } = body
  if ('generate' in body) {
    const { key, privatePem } = await createKeyPair(parts, actor, id, name)
    return { ...keyView(key), privateKey: privatePem }
  }
  if ('jwksUrl' in body) return keyView(await addKeySet(parts, actor, id, { name, url: body.jwksUrl }))
  const text = typeof body.publicKey === 'string' ? body.publicKey : JSON.stringify(body.publicKey)
  return keyView(await addPublicKey(parts, actor, id, { name, text }))
}
