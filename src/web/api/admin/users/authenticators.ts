/** `/api/v1/admin/users/:id/authenticators`: second factors of a user, for administrators. */
import { z } from 'zod'
import { resetUserFactors, userFactors } from '../../../../broker/access/user-factors.ts'
import { exampleFactors, factorsView } from '../../factors/factor-views.ts'
import { answer, apiRoute } from '../../route.ts'
import { schemas } from '../../schemas.ts'

const path = '/api/v1/admin/users/:id/authenticators'
const params = z.object({ id: z.string().max(128).describe('ID of the user.') })

export const userFactorRoutes = [
  apiRoute('listUserAuthenticators', 'get', path, {
    caller: 'recently signed-in admin',
    permission: 'users:read',
    summary: 'List the second factors of a user',
    params,
    answer: answer(200, 'The second factors, without secrets.', schemas.AuthenticatorList, exampleFactors),
    errors: ['not_found'],
    handler: async ({ shell: { parts }, caller: session, roles, params }) =>
      factorsView(await userFactors(parts, { session, roles }, params.id)),
  }),
  apiRoute('resetUserAuthenticators', 'delete', path, {
    caller: 'recently signed-in admin',
    permission: 'users:write',
    summary: 'Reset the second factors of a user who lost them',
    description:
      'Removes all authenticators, recovery codes and remembered devices, and emails the user. Sessions go on. Needs a sign-in of the last minutes.',
    params,
    answer: answer(200, 'This many authenticators were removed.', schemas.ResetAuthenticators, { removed: 2 }),
    errors: ['not_found', 'fresh_sign_in_required'],
    handler: async ({ shell: { parts }, caller: session, roles, params }) => ({
      removed: await resetUserFactors(parts, { session, roles }, params.id),
    }),
  }),
]
