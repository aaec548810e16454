/** The pages of the device flow (RFC 8628): type the code, confirm it, done. The forms prove themselves as all of ours do. */
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider'
import type { CorePorts } from '../../broker/ports/core-ports.ts'
import type { Session } from '../../broker/session/session.ts'
import { messagePage } from '../../pages/message-page.tsx'
import { displayName } from '../../profile/profile.ts'
import { routes, shownCode } from '../endpoint/routes.ts'
import { appOf } from '../storage/clients.ts'
import { readsOfRequest } from '../storage/request-cache.ts'
import { formProof } from '../storage/sessions.ts'
import { deviceCodePage, deviceConfirmPage } from './device-pages.tsx'

type DeviceFlow = NonNullable<NonNullable<Configuration['features']>['deviceFlow']>

const form = { action: routes.code_verification, hidden: { xsrf: formProof } }

export function devicePages(_parts: CorePorts): DeviceFlow {
  return {
    userCodeInputSource: (ctx, _form, _out, failure) => {
      const code = codeOf(ctx, failure)
      const signedIn = personOf(readsOfRequest().session)
      respondWithPage(
        ctx,
        deviceCodePage({ form, signedIn, ...(code !== undefined && { code }), ...problemOf(failure) }),
      )
    },
    userCodeConfirmSource: (ctx, _form, client, _device, userCode) => {
      const app = appOf(client)
      respondWithPage(
        ctx,
        deviceConfirmPage({
          form: { ...form, hidden: { ...form.hidden, user_code: userCode } },
          code: userCode,
          app: { name: app.name },
          person: personOf(readsOfRequest().session),
        }),
      )
    },
    successSource: (ctx) => {
      const { name } = appOf(ctx.oidc.client)
      const text = `${name} on your device has what it needs. You can close this page.`
      const signedIn = personOf(readsOfRequest().session)
      const page = { title: 'Your device is connected', text, href: '/account', label: 'Go to your page' }
      respondWithPage(ctx, messagePage({ ...page, signedIn }))
    },
  }
}

function personOf(session: Session | undefined) {
  if (session === undefined) return undefined
  const { profile } = session
  return { name: displayName(profile) ?? 'the person signed in here', email: profile.email?.address }
}

function respondWithPage(ctx: KoaContextWithOIDC, html: string): void {
  ctx.type = 'html'
  ctx.body = html
}

/** What was typed, or came in the link that the device showed (endpoint/handle-request.ts keeps it from the library, whose page needs a script). */
function codeOf(ctx: KoaContextWithOIDC, failure: unknown): string | undefined {
  const typed = failure instanceof Error && 'userCode' in failure ? failure.userCode : ctx.query[shownCode]
  return typeof typed === 'string' ? typed.slice(0, 32) : undefined
}

function problemOf(failure: unknown): { readonly problem?: string } {
  if (!(failure instanceof Error)) return {}
  if (failure.name === 'AbortedError') return { problem: 'You said no: the device was told.' }
  if ('userCode' in failure || failure.name === 'NoCodeError')
    return {
      problem: 'This code is not known, was used already, or is too old. Compare it with the one your device shows.',
    }
  return { problem: 'That did not work. Start again on your device.' }
}
