/** `/admin/events`: server-sent events for open admin pages. They hold no facts of their own. */
import { GatehouseError } from '../../../errors.ts'
import { type AdminCall, isStillPermitted, listedTenantOfRecords } from '../administrator.ts'
import { maySeeDeployment } from '../overview/overview.ts'

export const eventsPermission = 'connections:read'

export async function followChanges(
  { shell, request, response, by }: AdminCall,
  query: { readonly tenant: string | undefined },
): Promise<void> {
  const tenant = await listedTenantOfRecords(shell, by, query.tenant)
  const remove = shell.liveClients.add({
    scope: { tenant, seesDeployment: maySeeDeployment(by) },
    user: { tenant: by.session.tenant, userId: by.session.userId, isOperator: by.roles.includes('operator') },
    send: (text) => void response.write(text),
    close: () => void response.end(),
    isPermitted: () => isStillPermitted(shell, by, eventsPermission),
  })
  if (remove === null)
    throw new GatehouseError('server_busy', 'too many admin pages are open at this process', {
      text: 'Too many admin pages are open. This page does not update by itself: reload it.',
      retryAfterSeconds: 60,
    })
  request.once('close', remove)
  response.once('close', remove)
  response.status(200).set({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // nginx would hold events back
    'x-accel-buffering': 'no',
  })
  response.write('retry: 5000\n\n')
}
