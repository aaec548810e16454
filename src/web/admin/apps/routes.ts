/** `/admin/apps`. */
import { z } from 'zod'
import { pathPart } from '../../../http/fields.ts'
import type { WebRoute } from '../../route.ts'
import { adminForm, adminPage } from '../administrator.ts'
import { askAppState, readAppQuery, readAppsQuery, setAppState, showApp, showApps } from './apps.tsx'
import { appsPath } from './paths.ts'

const app = `${appsPath}/:id`
const nothing = z.object({})

export const appsRoutes: readonly WebRoute[] = [
  adminPage(appsPath, 'tenant-apps:read', readAppsQuery, showApps),
  adminPage(app, 'tenant-apps:read', readAppQuery, showApp),
  ...(['disable', 'enable'] as const).flatMap((state) => [
    adminPage(
      `${app}/${state}`,
      'tenant-apps:write',
      (request) => pathPart(request, 'id'),
      (call, id) => askAppState(call, state, id),
    ),
    adminForm(`${app}/${state}`, 'tenant-apps:write', nothing, (call) => setAppState(call, state)),
  ]),
]
