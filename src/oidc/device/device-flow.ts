/** Pages and polling of the device flow (RFC 8628). The same-origin check protects the forms. */
import type { Configuration, KoaContextWithOIDC, Provider } from 'oidc-provider'
import { devicePollSeconds, isPolledEarly } from '../../broker/limits/rate-limits.ts'
import type { CorePorts } from '../../broker/ports/core-ports.ts'
import { messagePage } from '../../pages/message-page.tsx'
import { HiddenProperty } from '../../primitives/hidden-property.ts'
import { displayName } from '../../profile/profile.ts'
import { prefilledUserCode, routes } from '../endpoint/routes.ts'
import { formProof } from '../library-internals.ts'
import { appOf } from '../storage/clients.ts'
import { requestCache } from '../storage/request-cache.ts'
import { deviceCodePage, deviceConfirmPage } from './device-pages.tsx'

const form = { action: routes.code_verification, hidden: { xsrf: formProof } }

export const deviceFlow: NonNullable<NonNullable<Configuration['features']>['deviceFlow']> = {
  userCodeInputSource: (ctx, _form, _out, failure) => {
    const code = codeOf(ctx, failure)
    const problem = problemOf(failure)
    respondWithPage(ctx, deviceCodePage({ form, signedIn: signedInUser(), code, problem }))
  },
  userCodeConfirmSource: (ctx, _form, client, _device, code) => {
    const target = { ...form, hidden: { ...form.hidden, user_code: code } }
    const { name } = appOf(client)
    respondWithPage(ctx, deviceConfirmPage({ form: target, code, app: { name }, person: signedInUser() }))
  },
  successSource: (ctx) => {
    const text = `${appOf(ctx.oidc.client).name} is signed in on your device. You can close this page.`
    const page = { title: 'Your device is connected', text, href: '/account', label: 'Go to your account' }
    respondWithPage(ctx, messagePage({ ...page, signedIn: signedInUser() }))
  },
}

function signedInUser() {
  const profile = requestCache().session?.profile
  return profile && { name: displayName(profile) ?? 'the signed-in user', email: profile.email?.address }
}

function respondWithPage(ctx: KoaContextWithOIDC, html: string): void {
  ctx.type = 'html'
  ctx.body = html
}

/** The user code as typed, or from the link that the device showed. */
function codeOf(ctx: KoaContextWithOIDC, failure: unknown): string | undefined {
  const code = failure instanceof Error && 'userCode' in failure ? failure.userCode : ctx.query[prefilledUserCode]
  return typeof code === 'string' ? code.slice(0, 32) : undefined
}

function problemOf(failure: unknown): string | undefined {
  if (!(failure instanceof Error)) return undefined
  if (failure.name === 'AbortedError') return 'You refused: the device does not get access.'
  if ('userCode' in failure || failure.name === 'NoCodeError')
    return 'This code is unknown, expired or already used. Compare it with the one your device shows.'
  return 'Something went wrong. Start again on your device.'
}

/** RFC 8628 3.2, 3.5. */
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
    // polling is not limited while the store is unavailable
    if (typeof code === 'string' && (await isPolledEarly(counters, code).catch(() => false)))
      ctx.body = {
        error: 'slow_down',
        error_description: `poll every ${devicePollSeconds} seconds; the interval is now 5 seconds longer`,
      }
  })
}
