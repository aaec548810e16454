/** Polling interval of devices (RFC 8628 3.2, 3.5). */
import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import { devicePollSeconds, isPolledEarly } from '../../broker/limits/rate-limits.ts'
import type { CorePorts } from '../../broker/ports/core-ports.ts'
import { HiddenProperty } from '../../primitives/hidden-property.ts'
import { routes } from '../endpoint/routes.ts'

export function limitDevicePolling(provider: Provider, { counters }: Pick<CorePorts, 'counters'>): void {
  const pending = new HiddenProperty<object, KoaContextWithOIDC>()
  provider.on('grant.error', (ctx, failure) => {
    if (failure.error === 'authorization_pending') pending.set(ctx, ctx)
  })
  provider.use(async (ctx, next) => {
    await next()
    if (ctx.path === routes.device_authorization && ctx.status === 200)
      ctx.body = { ...ctx.body, interval: devicePollSeconds }
    const code = pending.get(ctx)?.oidc.params?.['device_code']
    // without the store, polling is not limited
    if (typeof code === 'string' && (await isPolledEarly(counters, code).catch(() => false)))
      ctx.body = {
        error: 'slow_down',
        error_description: `poll every ${devicePollSeconds} seconds; the interval is now 5 seconds longer`,
      }
  })
}
