/** `/api/v1/apps/{id}/secrets` and `/keys`: the credentials of a developer's app. */
import { z } from 'zod'
import { revealSecrets, revokeSecret, rotateSecret } from '../../broker/apps/client-secrets.ts'
import { addKeySet, addPublicKey, createKeyPair, removeKey } from '../../broker/apps/keys.ts'
import { keyView, revealedSecretView } from './app-views.ts'
import { exampleKey, exampleSecret } from './examples.ts'
import { apiRoute } from './route.ts'
import { schemas } from './schemas.ts'

const params = z.object({ id: z.string().describe('Id of the app.') })

export const appCredentialRoutes = [
  apiRoute({
    id: 'listSecrets',
    method: 'get',
    path: '/api/v1/apps/:id/secrets',
    caller: 'developer',
    summary: 'List the client secrets of an app',
    params,
    responses: {
      200: { description: 'At most two.', schema: schemas.SecretList, example: { secrets: [exampleSecret] } },
    },
    errors: ['app_unknown'],
    handler: async ({ shell, caller, params }) => {
      const secrets = await revealSecrets(shell.parts, caller, params.id)
      return { status: 200, body: { secrets: secrets.map(revealedSecretView) } }
    },
  }),
  apiRoute({
    id: 'rotateSecret',
    method: 'post',
    path: '/api/v1/apps/:id/secrets',
    caller: 'developer',
    summary: 'Create a client secret',
    description: 'The previous one still works for `overlapSeconds`.',
    params,
    body: { schema: schemas.NewSecret, example: { overlapSeconds: 86_400 } },
    responses: { 201: { description: 'The new secret.', schema: schemas.Secret, example: exampleSecret } },
    errors: ['app_unknown', 'app_invalid', 'server_busy'],
    handler: async ({ shell, caller, params, body }) => {
      const { secret, text } = await rotateSecret(shell.parts, caller, params.id, body.overlapSeconds)
      return { status: 201, body: revealedSecretView({ ...secret, text, withheld: false }) }
    },
  }),
  apiRoute({
    id: 'revokeSecret',
    method: 'delete',
    path: '/api/v1/apps/:id/secrets/:secretId',
    caller: 'developer',
    summary: 'Revoke a client secret',
    params: params.extend({ secretId: z.string().describe('Id of the secret.') }),
    responses: { 204: { description: 'The secret stopped working.' } },
    errors: ['app_unknown', 'server_busy'],
    handler: async ({ shell, caller, params }) => {
      await revokeSecret(shell.parts, caller, params.id, params.secretId)
      return { status: 204 }
    },
  }),
  apiRoute({
    id: 'addKey',
    method: 'post',
    path: '/api/v1/apps/:id/keys',
    caller: 'developer',
    summary: 'Generate or add a key',
    params,
    body: { schema: schemas.NewKey, example: { name: 'Server in Berlin', generate: true } },
    responses: {
      201: {
        description: 'The key. If it was generated, its private key too.',
        schema: schemas.CreatedKey,
        example: { ...exampleKey, privateKey: '-----BEGIN PRIVATE KEY-----\n…' },
      },
    },
    errors: ['app_unknown', 'app_invalid', 'server_busy'],
    handler: async ({ shell: { parts }, caller, params: { id }, body }) => {
      if ('generate' in body) {
        const { key, privatePem } = await createKeyPair(parts, caller, id, body.name)
        return { status: 201, body: { ...keyView(key), privateKey: privatePem } }
      }
      if ('jwksUrl' in body)
        return {
          status: 201,
          body: keyView(await addKeySet(parts, caller, id, { name: body.name, url: body.jwksUrl })),
        }
      const text = typeof body.publicKey === 'string' ? body.publicKey : JSON.stringify(body.publicKey)
      return { status: 201, body: keyView(await addPublicKey(parts, caller, id, { name: body.name, text })) }
    },
  }),
  apiRoute({
    id: 'deleteKey',
    method: 'delete',
    path: '/api/v1/apps/:id/keys/:keyId',
    caller: 'developer',
    summary: 'Remove a key',
    params: params.extend({ keyId: z.string().describe('Id of the key.') }),
    responses: { 204: { description: 'The key stopped working.' } },
    errors: ['app_unknown', 'server_busy'],
    handler: async ({ shell, caller, params }) => {
      await removeKey(shell.parts, caller, params.id, params.keyId)
      return { status: 204 }
    },
  }),
]
