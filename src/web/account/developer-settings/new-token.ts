/**
 * The text of a new API token on its way to the page that shows it once: in a sealed cookie, so
 * that neither an address nor a store contains it, and reloading the page creates no other (SE-12).
 */
import { z } from 'zod'
import type { Session } from '../../../broker/session/session.ts'
import { sealedCookie } from '../../../http/sealed-cookie.ts'
import type { Call, Shell } from '../../shell.ts'
import type { NewToken } from './settings-page.tsx'

const cookie = sealedCookie({ name: 'gatehouse_new_token', keptMs: 300_000 })

const cookieContent = z.object({ session: z.string(), name: z.string(), text: z.string() })

type CookieCall = Call<Pick<Shell, 'cookie' | 'keyRing'>>

export function keepNewToken({ shell, response }: CookieCall, { id }: Session, { name, text }: NewToken): void {
  cookie.write(shell, response, JSON.stringify({ session: id, name, text }))
}

/** Once, and for the session that created it. */
export function takeNewToken({ shell, request, response }: CookieCall, session: Session): NewToken | undefined {
  const content = request.method === 'GET' ? cookie.read(shell, request.headers.cookie) : undefined
  if (content === undefined) return undefined
  cookie.clear(shell, response)
  const { success, data } = cookieContent.safeParse(JSON.parse(content))
  return success && data.session === session.id ? { name: data.name, text: data.text } : undefined
}
