/** `/api/v1/admin/…`: the data of the admin pages as JSON. */
import type { ApiRoute } from '../route.ts'
import { appsApiRoutes } from './apps/routes.ts'
import { auditApiRoutes } from './audit/routes.ts'
import { configurationApiRoutes } from './configuration/routes.ts'
import { connectionsApiRoutes } from './connections/routes.ts'
import { keysApiRoutes } from './keys/routes.ts'
import { overviewApiRoutes } from './overview/routes.ts'
import { signInsApiRoutes } from './sign-ins/routes.ts'
import { userFactorRoutes } from './users/authenticators.ts'
import { usersApiRoutes } from './users/routes.ts'

export const adminApiRoutes: readonly ApiRoute[] = [
  ...overviewApiRoutes,
  ...connectionsApiRoutes,
  ...signInsApiRoutes,
  ...usersApiRoutes,
  ...userFactorRoutes,
  ...appsApiRoutes,
  ...auditApiRoutes,
  ...keysApiRoutes,
  ...configurationApiRoutes,
]
