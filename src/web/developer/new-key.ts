/**
 * A new private key on its way to the page that shows it once: in a sealed cookie, so that neither
 * an address nor a store contains it, and reloading the page creates no other (SE-12).
 */
import { z } from 'zod'
import type { Session } from '../../broker/session/session.ts'
import { sealedCookie } from '../../http/sealed-cookie.ts'
import type { Call, Shell } from '../shell.ts'
import type { NewKey } from './app-keys-section.tsx'

const cookie = sealedCookie({ name: 'gatehouse_new_key', keptMs: 300_000 })

const cookieContent = z.object({ session: z.string(), app: z.string(), id: z.string(), privatePem: z.string() })

type CookieCall = Call<Pick<Shell, 'cookie' | 'keyRing'>>

export function keepNewKey({ shell, response }: CookieCall, session: Session, app: string, key: NewKey): void {
  cookie.write(shell, response, JSON.stringify({ session: session.id, app, ...key }))
}

/** Once, for the session that created it, on the page of its app. */
export function takeNewKey(
  { shell, request, response }: CookieCall,
  session: Session,
  app: { readonly id: string },
): NewKey | undefined {
  const content = request.method === 'GET' ? cookie.read(shell, request.headers.cookie) : undefined
  if (content === undefined) return undefined
  const { data } = cookieContent.safeParse(JSON.parse(content))
  // another tab may show it
  if (data?.session !== session.id || data.app !== app.id) return undefined
  cookie.clear(shell, response)
  return { id: data.id, privatePem: data.privatePem }
}
