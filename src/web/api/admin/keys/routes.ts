/** `/api/v1/admin/keys`: signing keys, for operators. */
import { z } from 'zod'
import { isoTime } from '../../../../http/iso-time.ts'
import { type KeyState, knowledgeOf, readKeyStates } from '../../../admin/keys/key-states.ts'
import { retireNow, rotateNow } from '../../../admin/keys/keys.ts'
import { type ApiRoute, answer, apiRoute } from '../../route.ts'
import { schemas } from '../../schemas.ts'

const caller = 'recently signed-in admin'
const key = {
  id: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
  algorithm: 'RS256',
  status: 'active',
  createdAt: '2026-08-24T10:00:00.000Z',
  activatedAt: '2026-08-31T10:00:00.000Z',
  changesAt: '2026-11-29T10:00:00.000Z',
}
const fetch = {
  agent: 'jose/6.1.0',
  network: '203.0.113.7',
  lastAt: '2026-11-28T09:30:00.000Z',
  has: 'all keys',
} as const
const changed = answer(200, 'The keys after it.', schemas.ChangedSigningKeys, { keys: [key] })

export const keysApiRoutes: readonly ApiRoute[] = [
  apiRoute('listSigningKeys', 'get', '/api/v1/admin/keys', {
    caller,
    permission: 'keys:read',
    summary: 'List the signing keys, and the clients that fetch them',
    answer: answer(200, 'The keys, without key material.', schemas.SigningKeyList, {
      keys: [key],
      rotatableAt: '2026-11-30T10:00:00.000Z',
      fetches: [fetch],
      keyRing: { keys: 1 },
    }),
    handler: async ({ shell }) => {
      const { keys, rotatableAt, fetches, ringKeys } = await readKeyStates(shell)
      return {
        keys: keys.map(viewOf),
        ...(rotatableAt !== undefined && { rotatableAt: isoTime(rotatableAt) }),
        fetches: fetches.map((one) => ({ ...one, lastAt: isoTime(one.lastAt), has: knowledgeOf(one.lastAt, keys) })),
        keyRing: { keys: ringKeys },
      }
    },
  }),
  apiRoute('rotateSigningKeys', 'post', '/api/v1/admin/keys/rotate', {
    caller,
    permission: 'keys:write',
    summary: 'Rotate the signing keys',
    description: 'The next key of each algorithm signs from now on; the present ones are retired.',
    body: { schema: schemas.SigningKeyRotation, example: { now: true } },
    answer: changed,
    errors: ['signing_keys_unchanged'],
    handler: async ({ shell, caller: { userId }, body: { now } }) => ({
      keys: (await rotateNow(shell, userId, now)).map(viewOf),
    }),
  }),
  apiRoute('retireSigningKey', 'post', '/api/v1/admin/keys/:id/retire', {
    caller,
    permission: 'keys:write',
    summary: 'Retire a signing key',
    description:
      'The key signs no more, and stays published while its tokens are valid. A key in the state `next` is removed.',
    params: z.object({ id: z.string().max(128).describe('ID of the key.') }),
    body: { schema: schemas.SigningKeyRetirement, example: { now: true } },
    answer: changed,
    errors: ['not_found', 'signing_keys_unchanged'],
    handler: async ({ shell, caller: { userId }, params: { id }, body: { now } }) => ({
      keys: (await retireNow(shell, id, userId, now)).map(viewOf),
    }),
  }),
]

function viewOf({ id, algorithm, status, createdAt, activatedAt, retiredAt, changesAt }: KeyState) {
  return {
    ...{ id, algorithm, status, createdAt: isoTime(createdAt) },
    ...(activatedAt !== undefined && { activatedAt: isoTime(activatedAt) }),
    ...(retiredAt !== undefined && { retiredAt: isoTime(retiredAt) }),
    ...(changesAt !== undefined && { changesAt: isoTime(changesAt) }),
  }
}
