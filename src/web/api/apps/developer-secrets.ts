/** `/api/v1/developer/secrets`: the developer's own client secret. */
import { z } from 'zod'
import { isAuthorized } from '../../../broker/access/authorize.ts'
import {
  createDeveloperSecret,
  ensureDeveloperSecret,
  revealDeveloperSecrets,
  revokeDeveloperSecret,
  rotateDeveloperSecret,
} from '../../../broker/secrets/developer-secrets.ts'
import { exampleApp } from '../openapi/examples.ts'
import { answer, apiRoute } from '../route.ts'
import { schemas } from '../schemas.ts'
import { revealedSecretView } from './app-views.ts'

const params = z.object({ id: z.string().describe('ID of the secret.') })
const example = { id: 'Zk3v9QxT2aLm', secret: 'gth_d_…', createdAt: exampleApp.createdAt }

export const developerSecretRoutes = [
  apiRoute('listDeveloperSecrets', 'get', '/api/v1/developer/secrets', {
    caller: 'developer',
    permission: 'secret:read',
    summary: 'List your own client secrets',
    description: 'The first call of a developer creates a secret.',
    answer: answer(200, 'At most two, newest first.', schemas.SecretList, { secrets: [example] }),
    handler: async ({ shell, caller }) => {
      if (await isAuthorized(shell.parts, caller, 'secret:write')) await ensureDeveloperSecret(shell.parts, caller)
      const secrets = await revealDeveloperSecrets(shell.parts, caller)
      return { secrets: secrets.map(revealedSecretView) }
    },
  }),
  apiRoute('createDeveloperSecret', 'post', '/api/v1/developer/secrets', {
    caller: 'developer',
    permission: 'secret:write',
    summary: 'Create your own client secret',
    description:
      'Refused while one is live. The first one is created when you list them, or open the page Developer settings.',
    answer: answer(201, 'The new secret.', schemas.Secret, example),
    errors: ['secret_refused', 'server_busy', 'fresh_sign_in_required'],
    handler: async ({ shell, caller }) => {
      const { secret, text } = await createDeveloperSecret(shell.parts, caller)
      return revealedSecretView({ ...secret, text, withheld: false })
    },
  }),
  apiRoute('rotateDeveloperSecret', 'post', '/api/v1/developer/secrets/:id/rotate', {
    caller: 'developer',
    permission: 'secret:write',
    summary: 'Replace your own client secret',
    description:
      'The old secret still works for `overlapSeconds`. Of concurrent rotations of one secret, one succeeds.',
    params,
    body: { schema: schemas.SecretRotation, example: { overlapSeconds: 86_400 } },
    answer: answer(201, 'The new secret.', schemas.Secret, example),
    errors: ['secret_refused', 'server_busy', 'fresh_sign_in_required'],
    handler: async ({ shell, caller, params: { id }, body: { overlapSeconds } }) => {
      const { secret, text } = await rotateDeveloperSecret(shell.parts, caller, { replaces: id, overlapSeconds })
      return revealedSecretView({ ...secret, text, withheld: false })
    },
  }),
  apiRoute('revokeDeveloperSecret', 'delete', '/api/v1/developer/secrets/:id', {
    caller: 'developer',
    permission: 'secret:revoke',
    summary: 'Revoke your own client secret',
    params,
    answer: answer(204, 'The secret stopped working.'),
    errors: ['secret_unknown', 'server_busy', 'fresh_sign_in_required'],
    handler: ({ shell, caller, params }) => revokeDeveloperSecret(shell.parts, caller, params.id),
  }),
]
