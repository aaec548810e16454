import { formRoute, publicRoute, type WebRoute } from '../../route.ts'
import { adminForm, adminPage } from '../administrator.ts'
import { probeForm, showConnection, submitProbe } from './connection.ts'
import { showConnections } from './connections.ts'
import { connectionPattern, connectionsPath, readConnectionQuery, readConnectionsQuery } from './connections-query.ts'
import { setupLinkPattern, setupPattern } from './setup/paths.ts'
import { showSetup, submitTest, testForm } from './setup/setup.ts'
import { revokeForm, setupLinkForm, showRevoke, submitRevoke, submitSetupLink } from './setup/setup-link.ts'

export const connectionsRoutes: readonly WebRoute[] = [
  adminPage(connectionsPath, 'connections:read', readConnectionsQuery, showConnections, { duringOutage: true }),
  adminPage(connectionPattern, 'connections:read', readConnectionQuery, showConnection, { duringOutage: true }),
  adminForm(`${connectionPattern}/probe`, 'connections:probe', probeForm, submitProbe),
  adminForm(setupLinkPattern, 'connections:share', setupLinkForm, submitSetupLink),
  adminPage(`${setupLinkPattern}/revoke`, 'connections:share', () => undefined, showRevoke),
  adminForm(`${setupLinkPattern}/revoke`, 'connections:share', revokeForm, submitRevoke),
  publicRoute(setupPattern, showSetup),
  { ...formRoute(`${setupPattern}/test`, 'none', testForm, submitTest), page: setupPattern },
]
