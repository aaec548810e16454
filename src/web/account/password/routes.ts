import { formRoute, parsedRoute, type WebRoute } from '../../route.ts'
import { passwordForm, readPasswordQuery, showPassword, submitPassword } from './password.ts'
import { passwordPath } from './paths.ts'

export const passwordRoutes: readonly WebRoute[] = [
  parsedRoute(
    { method: 'get', path: passwordPath, caller: 'anyone', permission: 'password:write' },
    readPasswordQuery,
    showPassword,
  ),
  formRoute(passwordPath, 'password:write', passwordForm, submitPassword),
]
