/** `/admin/users`. */
import { z } from 'zod'
import type { WebRoute } from '../../route.ts'
import { adminForm, adminPage } from '../administrator.ts'
import { serviceAccountsPath, usersPath } from './paths.ts'
import { readActionTarget, readUserQuery, showUser, showUserAction, submitUserAction } from './user.tsx'
import { userActions } from './user-actions.ts'
import { newAccountForm, showUsers, submitServiceAccount } from './users.ts'
import { readUsersQuery } from './users-query.ts'

const nothing = z.object({})
const user = `${usersPath}/:id`

export const usersRoutes: readonly WebRoute[] = [
  adminPage(usersPath, 'users:read', readUsersQuery, showUsers),
  adminForm(serviceAccountsPath, 'users:write', newAccountForm, submitServiceAccount),
  adminPage(user, 'users:read', readUserQuery, showUser),
  ...userActions.flatMap((action) => [
    adminPage(`${user}/${action.path}`, action.permission, readActionTarget, (call, target) =>
      showUserAction(call, action, target),
    ),
    adminForm(`${user}/${action.path}`, action.permission, nothing, (call) => submitUserAction(call, action)),
  ]),
]
