/** A tenant's connections as buttons, for the pages where a user signs in or signs up. */
import { type OpenConnection, provesMailbox } from '../../broker/connections.ts'
import { browserFor } from '../../http/browser.ts'
import { logoPathOf } from '../../http/connection-labels.ts'
import { type LoginParams, startHref } from '../../http/destination.ts'
import { buttonLook } from '../../pages/brand-buttons.ts'
import { isOffered, type Tenant } from '../../tenant.ts'
import type { Call, Shell, WithParts } from '../shell.ts'
import { lastConnectionOf } from './known-browser.ts'
import type { ConnectionButton } from './pages/login-page.tsx'

export type ButtonPorts = Pick<Shell, 'cookie' | 'keyRing'> & WithParts<'connections'>

/** Connections for this browser, with and without a button. */
export function offeredConnections(call: Call<ButtonPorts>, tenant: Tenant): readonly OpenConnection[] {
  const browser = browserFor(tenant, call)
  return call.shell.parts.connections.all(tenant).filter(({ settings }) => isOffered(settings, browser))
}

/** Buttons of connections, without those that the email form leads to. */
export function connectionButtons(
  call: Call<ButtonPorts>,
  tenant: Tenant,
  params: LoginParams & { readonly tenant: string },
  prompt?: 'login',
): readonly ConnectionButton[] {
  const last = lastConnectionOf(call.shell, call.request, tenant.id)
  return offeredConnections(call, tenant)
    .filter((connection) => connection.settings.button && !provesMailbox(connection))
    .map((connection) => ({
      id: connection.settings.id,
      ...buttonLook(connection.provider),
      label: connection.settings.label ?? `Sign in with ${connection.provider.brand.name}`,
      logoPath: logoPathOf(connection),
      href: startHref(params, connection.settings.id, undefined, prompt),
      lastUsed: connection.settings.id === last,
    }))
}
