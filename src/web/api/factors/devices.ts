/** `/api/v1/user/devices`: browsers in which the user is not asked for a second factor. */
import { z } from 'zod'
import { devicesOf, forgetAllDevices, forgetDevice } from '../../../broker/factors/remembered-devices.ts'
import { GatehouseError } from '../../../errors.ts'
import { isoTime } from '../../../http/iso-time.ts'
import { answer, apiRoute } from '../route.ts'
import { schemas } from '../schemas.ts'

const path = '/api/v1/user/devices'
const write = { caller: 'session', permission: 'factors:write', fromReturnOrigins: true } as const

export const deviceRoutes = [
  apiRoute('listRememberedDevices', 'get', path, {
    caller: 'session',
    permission: 'factors:read',
    fromReturnOrigins: true,
    summary: 'List the browsers that need no second factor',
    answer: answer(200, 'The remembered browsers.', schemas.RememberedDeviceList, {
      devices: [
        {
          id: 'kG1w3nWq0y5sZ2bT',
          device: 'Chrome on Linux',
          createdAt: '2026-11-22T09:30:00Z',
          expiresAt: '2026-12-22T09:30:00Z',
          lastUsedAt: '2026-11-29T08:00:00Z',
        },
      ],
    }),
    handler: async ({ shell, caller }) => {
      const devices = await devicesOf(shell.parts, caller)
      return {
        devices: devices.map(({ id, device, createdAt, expiresAt, lastUsedAt }) => ({
          ...{ id, device },
          createdAt: isoTime(createdAt),
          expiresAt: isoTime(expiresAt),
          lastUsedAt: isoTime(lastUsedAt),
        })),
      }
    },
  }),
  apiRoute('deleteRememberedDevice', 'delete', `${path}/:id`, {
    ...write,
    summary: 'Forget a remembered browser',
    params: z.object({ id: z.string().max(64).describe('ID of the device.') }),
    answer: answer(204, 'The browser needs a second factor at its next sign-in.'),
    errors: ['not_found'],
    handler: async ({ shell, caller, params }) => {
      if (!(await forgetDevice(shell.parts, caller, params.id)))
        throw new GatehouseError('not_found', 'the user has no such remembered device')
    },
  }),
  apiRoute('deleteRememberedDevices', 'delete', path, {
    ...write,
    summary: 'Forget all remembered browsers',
    answer: answer(200, 'This many were forgotten.', schemas.ForgottenDevices, { forgotten: 2 }),
    handler: async ({ shell, caller }) => ({ forgotten: await forgetAllDevices(shell.parts, caller) }),
  }),
]
