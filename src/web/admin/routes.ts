/** The admin pages. */
import type { WebRoute } from '../route.ts'
import { appsRoutes } from './apps/routes.ts'
import { auditRoutes } from './audit/routes.ts'
import { configurationRoutes } from './configuration/routes.ts'
import { connectionsRoutes } from './connections/routes.ts'
import { keysRoutes } from './keys/routes.ts'
import { overviewRoutes } from './overview/routes.ts'
import { signInsRoutes } from './sign-ins/routes.ts'
import { usersRoutes } from './users/routes.ts'

export const adminRoutes: readonly WebRoute[] = [
  ...overviewRoutes,
  ...connectionsRoutes,
  ...signInsRoutes,
  ...usersRoutes,
  ...appsRoutes,
  ...auditRoutes,
  ...keysRoutes,
  ...configurationRoutes,
]
