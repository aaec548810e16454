import type { Request } from 'express'
import { queryOf, textField } from '../../../http/fields.ts'
import type { WebRoute } from '../../route.ts'
import { adminPage } from '../administrator.ts'
import { eventsPermission, followChanges } from '../live/events.ts'
import { adminPath } from '../sections.ts'
import { showOverview } from './overview.ts'

const readQuery = (request: Request) => ({ tenant: textField(queryOf(request), 'tenant', 64) })

export const overviewRoutes: readonly WebRoute[] = [
  adminPage(adminPath, 'connections:read', readQuery, showOverview, { duringOutage: true }),
  {
    ...adminPage(`${adminPath}/events`, eventsPermission, readQuery, followChanges, { duringOutage: true }),
    refusesHead: true,
  },
]
