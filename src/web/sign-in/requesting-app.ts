/** The app whose authorization request waits for a sign-in. */
import type { App } from '../../app/app.ts'
import type { LoginParams } from '../../http/destination.ts'
import type { Shell, WithParts } from '../shell.ts'

export type RequestingAppPorts = Pick<Shell, 'publicUrl'> & WithParts<'appRegistry'>

/** From the return URL (web/consent/app-sign-in.ts). */
export async function requestingApp(
  { parts, publicUrl }: RequestingAppPorts,
  { returnTo }: Pick<LoginParams, 'returnTo'>,
): Promise<App | undefined> {
  const address = URL.parse(returnTo, publicUrl)
  if (address?.origin !== publicUrl.origin || !address.pathname.startsWith('/consent/')) return undefined
  const id = address.searchParams.get('app')
  return id === null ? undefined : ((await parts.appRegistry.find(id)) ?? undefined)
}

/** Of an app on the web: where a new sign-in may begin. */
export function siteOf({ redirectUris }: Pick<App, 'redirectUris'>): string | undefined {
  return redirectUris.map((each) => URL.parse(each)).find((each) => each !== null && /^https?:$/.test(each.protocol))
    ?.origin
}
