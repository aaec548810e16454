/** Counts the authorization requests of each app, for its own statistics. */
import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import type { CorePorts } from '../../broker/ports/core-ports.ts'

/** A request with `prompt=none` only asks whether the user is signed in (OIDC Core 3.1.2.6). */
const promptErrors: ReadonlySet<string> = new Set([
  'login_required',
  'consent_required',
  'interaction_required',
  'account_selection_required',
])

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code'

export function countSignIns(provider: Provider, { signInCounts }: Pick<CorePorts, 'signInCounts'>): void {
  const count = ({ oidc }: KoaContextWithOIDC, outcome: 'signIns' | 'refusals') => {
    if (oidc.client !== undefined) signInCounts.count(oidc.client.clientId, outcome)
  }
  provider.on('authorization.success', (ctx) => count(ctx, 'signIns'))
  provider.on('authorization.error', (ctx, { error }) => {
    if (!promptErrors.has(error)) count(ctx, 'refusals')
  })
  provider.on('grant.success', (ctx) => {
    if (ctx.oidc.params?.['grant_type'] === deviceGrant) count(ctx, 'signIns')
  })
}
