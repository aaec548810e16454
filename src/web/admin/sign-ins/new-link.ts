/** A new link on its way to the page that shows it once: never in an address of an admin page. */
import { z } from 'zod'
import { sealedCookie } from '../../../http/sealed-cookie.ts'
import type { AdminCall } from '../administrator.ts'

const cookie = sealedCookie({ name: 'gatehouse_new_link', keptMs: 300_000 })
const cookieContent = z.object({
  session: z.string(),
  /** Sign-in that the link shows. */
  about: z.string(),
  url: z.string(),
  expiresAt: z.coerce.date(),
})

export interface NewLink {
  readonly url: string
  readonly expiresAt: Date
}

export function keepNewLink({ shell, response, by }: AdminCall, about: string, link: NewLink): void {
  cookie.write(shell, response, JSON.stringify({ session: by.session.id, about, ...link }))
}

/** Once, for the session that created it and on the page that it is about. */
export function takeNewLink({ shell, request, response, by }: AdminCall, about: string): NewLink | undefined {
  const content = request.method === 'GET' ? cookie.read(shell, request.headers.cookie) : undefined
  if (content === undefined) return undefined
  const { data } = cookieContent.safeParse(JSON.parse(content))
  // another tab may show it
  if (data?.session !== by.session.id || data.about !== about) return undefined
  cookie.clear(shell, response)
  return data
}
