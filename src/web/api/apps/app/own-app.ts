/**
 * `/api/v1/app`: the calling app reads and changes itself. The app follows from its credentials, so
 * there is no other to name (SE-09).
 */
import { z } from 'zod'
import { revokeSecret, rotateSecret } from '../../../../broker/apps/client-secrets.ts'
import { removeKey } from '../../../../broker/apps/keys.ts'
import { changeApp } from '../../../../broker/apps/register-app.ts'
import { exampleAppDetails, exampleKey, exampleSecret } from '../../openapi/examples.ts'
import { answer, apiRoute } from '../../route.ts'
import { schemas } from '../../schemas.ts'
import { addedKey } from '../app-credentials.ts'
import { draftWith } from '../app-draft.ts'
import { detailsOf, revealedSecretView } from '../app-views.ts'

const changeErrors = ['app_declared', 'app_invalid', 'server_busy'] as const
const removalErrors = ['app_declared', 'app_unknown', 'server_busy'] as const

export const ownAppRoutes = [
  apiRoute('getCallingApp', 'get', '/api/v1/app', {
    caller: 'app',
    permission: 'none',
    summary: 'Get the calling app',
    answer: answer(200, 'The app with its secrets and keys by ID.', schemas.App, exampleAppDetails),
    handler: async ({ shell, caller }) => detailsOf(shell, caller.app),
  }),
  apiRoute('updateCallingApp', 'patch', '/api/v1/app', {
    caller: 'app',
    permission: 'none',
    summary: 'Change the calling app',
    description:
      'The owner gets an email. With `restrictRedirectUrisToOwner`, only the owner changes its redirect URIs.',
    body: { schema: schemas.AppChanges, example: { redirectUris: ['https://shop.example/signed-in'] } },
    answer: answer(200, 'After the change.', schemas.App, exampleAppDetails),
    errors: [...changeErrors, 'app_owner_only'],
    handler: async ({ shell, caller, body }) =>
      detailsOf(shell, await changeApp(shell.parts, caller, caller.app.id, (before) => draftWith(before, body))),
  }),
  apiRoute('rotateCallingAppSecret', 'post', '/api/v1/app/secrets', {
    caller: 'app',
    permission: 'none',
    summary: 'Create a client secret of the calling app',
    description: 'The previous secret still works for `overlapSeconds`. The owner gets an email.',
    body: { schema: schemas.NewSecret, example: { overlapSeconds: 86_400 } },
    answer: answer(201, 'The new secret.', schemas.Secret, exampleSecret),
    errors: changeErrors,
    handler: async ({ shell, caller, body }) => {
      const { secret, text } = await rotateSecret(shell.parts, caller, caller.app.id, body)
      return revealedSecretView({ ...secret, text, withheld: false })
    },
  }),
  apiRoute('revokeCallingAppSecret', 'delete', '/api/v1/app/secrets/:secretId', {
    caller: 'app',
    permission: 'none',
    summary: 'Revoke a client secret of the calling app',
    params: z.object({ secretId: z.string().describe('ID of the secret.') }),
    answer: answer(204, 'The secret stopped working.'),
    errors: removalErrors,
    handler: ({ shell, caller, params }) => revokeSecret(shell.parts, caller, caller.app.id, params.secretId),
  }),
  apiRoute('addCallingAppKey', 'post', '/api/v1/app/keys', {
    caller: 'app',
    permission: 'none',
    summary: 'Generate or add a key of the calling app',
    description: 'The owner gets an email.',
    body: { schema: schemas.NewKey, example: { name: 'Server in Berlin', generate: true } },
    answer: answer(201, 'The key. If it was generated, its private key too.', schemas.CreatedKey, exampleKey),
    errors: changeErrors,
    handler: ({ shell, caller, body }) => addedKey(shell, caller, caller.app.id, body),
  }),
  apiRoute('deleteCallingAppKey', 'delete', '/api/v1/app/keys/:keyId', {
    caller: 'app',
    permission: 'none',
    summary: 'Remove a key of the calling app',
    params: z.object({ keyId: z.string().describe('ID of the key.') }),
    answer: answer(204, 'The key stopped working.'),
    errors: removalErrors,
    handler: ({ shell, caller, params }) => removeKey(shell.parts, caller, caller.app.id, params.keyId),
  }),
]
