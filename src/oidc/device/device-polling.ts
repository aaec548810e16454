/** How often a device may ask whether its person has typed the code (RFC 8628 3.2, 3.5): it is told, and told again when it asks sooner. */
import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import { devicePollSeconds, isPolledEarly } from '../../broker/limits/rate-limits.ts'
import type { CorePorts } from '../../broker/ports/core-ports.ts'
import { HiddenProperty } from '../../primitives/hidden-property.ts'
import { routes } from '../endpoint/routes.ts'

export function limitDevicePolling(provider: Provider, { counters }: Pick<CorePorts, 'counters'>): void {
  const pendingRequests = new HiddenProperty<object, KoaContextWithOIDC>()
  provider.on('grant.error', (ctx, failure) => {
    if (failure.error === 'authorization_pending') pendingRequests.set(ctx, ctx)
  })
  provider.use(async (ctx, next) => {
    await next()
    if (ctx.path === routes.device_authorization && ctx.status === 200)
      ctx.body = { ...ctx.body, interval: devicePollSeconds }
    const code = pendingRequests.get(ctx)?.oidc.params?.['device_code']
    // a store that does not answer slows nobody down
    if (typeof code === 'string' && (await isPolledEarly(counters, code).catch(() => false)))
      ctx.body = {
        error: 'slow_down',
        error_description: `ask every ${devicePollSeconds} seconds, and 5 seconds less often from now on`,
      }
  })
}
